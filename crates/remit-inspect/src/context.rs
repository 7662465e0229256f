//! Words that say what a number or a name near them is. A set of meanings is one integer.

/// A set of meanings.
pub type Context = u128;

macro_rules! meanings {
    ($($name:ident = $bit:literal: $words:literal;)+) => {
        $(pub const $name: Context = 1 << $bit;)+

        /// Words and what they say, several languages together.
        pub const WORDS: &[(Context, &str)] = &[$(($name, $words),)+];
    };
}

meanings! {
    CARD = 0: "card cards visa mastercard amex rupay maestro discover jcb creditcard debitcard pan ccnum cc carte tarjeta karte cartao cartão kreditkarte कार्ड";
    AADHAAR = 1: "aadhaar aadhar adhaar uidai uid आधार";
    TAX = 2: "pan tax taxpayer tin itr steuer steuernummer fiscal impuestos imposto पैन";
    ACCOUNT = 3: "account accounts acct acc acno accountno accountnumber ac routing aba sortcode sort banking konto kontonummer compte cuenta conta beneficiary iban खाता खाते";
    BIC = 4: "swift bic swiftcode biccode";
    PHONE = 5: "phone phones telephone tel mobile cell cellphone call called calling whatsapp sms text fax ring reach dial telegram signal contact handy telefon telefonnummer rufnummer anrufen téléphone appelez appeler portable móvil movil teléfono telefono llámame llamar celular telefone ligue ligar landline hotline mob ph फ़ोन फोन मोबाइल";
    PASSPORT = 6: "passport passports passeport reisepass pasaporte passaporte पासपोर्ट";
    VOTER = 7: "voter voters epic electoral elector election मतदाता";
    LICENCE = 8: "licence license dl driver drivers driving führerschein fuehrerschein permis permiso carnet cnh dvla लाइसेंस";
    SSN = 9: "ssn social security itin ssns";
    NHS = 10: "nhs patient";
    TAXID = 11: "steuer steuerid idnr identifikationsnummer steueridentifikationsnummer tin steuernummer tax";
    BSN = 12: "bsn burgerservicenummer sofinummer sofi";
    BORN = 13: "dob birth born birthday birthdate birthdays nacimiento nacido nacida naissance né née nee geboren geburtsdatum geburtstag nascimento nascido nascida जन्म जन्मतिथि जन्मदिन geb dateofbirth";
    IMEI = 14: "imei handset";
    SECRET = 15: "key keys secret secrets token tokens apikey credential credentials bearer authorization auth schlüssel clave";
    PASSWORD = 16: "password passwords passwd pwd passphrase passcode passwort kennwort contraseña contrasena motdepasse senha पासवर्ड pin passwd pass clave mdp";
    VERSION = 17: "version versions release ver v build firmware upgrade upgraded patch semver kernel rev changelog section chapter clause rfc paragraph oid";
    ORDER = 18: "order orders invoice invoices ticket tickets tracking ref reference sku isbn batch serial timestamp epoch unix millis milliseconds sequence seq case claim parcel shipment awb article item product pnr booking docket commit bestellung bestellnummer rechnung commande facture pedido factura job request run trace span offset id row rows bytes checksum barcode ean upc part model lot quote po grn txn event issn doi";
    MONEY = 19: "amount total price cost sum revenue usd eur inr gbp rs rupees dollars euros paid pay budget population units pieces shares followers views";
    NINO = 20: "nino ni nin insurance";
    DNI = 21: "dni nie nif identidad documento";
    NIR = 22: "nir sécurité sociale insee secu";
    FISCALE = 23: "codice fiscale";
    CPF = 24: "cpf cadastro";
    CUIT = 25: "cuit cuil";
    RUT = 26: "rut run";
    SIN = 27: "sin canada canadian";
    CURP = 28: "curp rfc";
    PESEL = 29: "pesel";
    PERSONNUMMER = 30: "personnummer personal samordningsnummer";
    CPR = 31: "cpr personnummer";
    NORWAY = 32: "fødselsnummer fodselsnummer fnr";
    HETU = 33: "hetu henkilötunnus henkilotunnus";
    NIF = 34: "nif contribuinte";
    AHV = 35: "ahv avs";
    TCKN = 36: "tckn kimlik tc";
    CHINA = 37: "resident shenfenzheng";
    RRN = 38: "rrn resident jumin";
    MYNUMBER = 39: "mynumber individual my kojin";
    NRIC = 40: "nric fin";
    ZA = 41: "african africa rsa";
    TFN = 42: "tfn";
    MEDICARE = 43: "medicare";
    BELGIUM = 44: "rijksregisternummer rijksregister national registre niss insz";
    DEVICE = 45: "idfa gaid aaid advertising device udid androidid adid deviceid idfv";
    COOKIE = 46: "cookie sessionid session phpsessid jsessionid sid";
    GEO = 47: "lat latitude lon lng longitude gps coordinates location located coords geo standort ubicación position";
    VIN = 48: "vin chassis vehicle";
    MRN = 49: "mrn uhid";
    ADDRESS = 50: "address residence residing lives live living home adresse dirección domicilio endereço anschrift wohnhaft पता flat apartment";
    STREET = 51: "street st road rd avenue ave lane ln drive dr boulevard blvd court ct way nagar marg colony square terrace crescent close parkway pkwy highway straße strasse str weg platz rue chemin calle avenida rua plaza";
    NAME = 52: "name named mr mrs ms miss sir madam nom nombre nome herr frau señor señora sr sra नाम shri smt surname";
    MONTH = 53: "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro";
    PERSONAL = 54: "patient patients my her his he she him i me mine diagnosed suffers suffering suffer tested treated treatment therapy employee client customer applicant member mother father wife husband son daughter candidate husbands mothers colleague claimant insured born prescribed hospitalised hospitalized admitted identifies belongs converted voted votes practises practices practising convicted arrested sentenced enrolled registered scanned captured stores";
    HEALTH = 55: "hiv aids diabetes diabetic cancer tumour tumor chemotherapy chemo depression depressive bipolar schizophrenia epilepsy epileptic asthma asthmatic hepatitis tuberculosis pregnant pregnancy miscarriage dialysis leukemia leukaemia melanoma insulin antidepressants dementia alzheimer alzheimers parkinson parkinsons autism autistic adhd anorexia bulimia alcoholism addiction stroke arthritis hypertension ptsd lupus psoriasis crohn crohns copd angina syphilis chlamydia gonorrhea infertility ivf abortion methadone";
    GENETIC = 56: "brca brca1 brca2 genome genomic genetic dna karyotype haplogroup";
    BIOMETRIC = 57: "fingerprint fingerprints retina iris faceprint voiceprint biometric biometrics facial palmprint";
    BELIEF = 58: "muslim christian hindu jewish buddhist sikh jain catholic protestant atheist islam christianity hinduism judaism orthodox mormon bahai zoroastrian parsi agnostic sunni shia";
    POLITICAL = 59: "republican democrat socialist communist conservative tory labour liberal bjp congress cdu spd afd marxist libertarian";
    ETHNIC = 60: "caste dalit brahmin rajput kshatriya vaishya shudra obc adivasi romani roma hispanic latino latina aboriginal kurdish uyghur scheduled jat yadav";
    SEXUAL = 61: "gay lesbian bisexual homosexual transgender queer asexual pansexual heterosexual";
    UNION = 62: "unison unite teamsters ufcw verdi trade labor";
    UNIONWORD = 63: "union gewerkschaft syndicat sindicato";
    CRIME = 64: "convicted conviction convictions felony misdemeanor misdemeanour burglary probation parole imprisonment arrested theft fraud assault dui";
    EXAMPLE = 65: "placeholder dummy fake mock";
    AT = 66: "at arroba";
    DOT = 67: "dot punkt punto point";
    UPIWORD = 68: "upi vpa gpay phonepe paytm bhim";
    EMAILWORD = 69: "email mail mails emails e correo courriel mailto";
    ACNUMBER = 70: "account acct acno accountno accountnumber kontonummer konto compte cuenta conta खाता खाते";
    TESTRESULT = 71: "positive negative diagnosis diagnosed stage type chronic symptoms therapy test";
    SCHEDULED = 72: "caste tribe community";
    PARTY = 73: "party voter votes voted member supporter activist donated";
    ORIENTATION = 74: "is am as identifies openly came orientation man woman husband wife couple";
    RELIGION = 75: "religion religious faith converted practising practicing practises devout observant baptised baptized raised belief";
    TRADE = 76: "trade labor labour workers member membership dues steward branch local";
    CONVICT = 77: "convicted sentenced prison jail criminal arrested felony served record probation parole guilty";
    BIODATA = 78: "template templates scan scans captured enrolled enrollment stored recognition data vector match sample samples image print";
    IFSC = 79: "ifsc neft rtgs imps branch bank";
    GSTIN = 80: "gstin gst";
    WALLET = 81: "wallet btc bitcoin ethereum eth";
    TLD = 82: "com org net io in co uk de fr edu gov es it br nl eu info app dev ai me";
    CODEWORD = 83: "certificate ssh tls commit race check endpoint build module code repo repository package server browser canvas device public gpg pgp";
    DNATERM = 84: "variant mutation test sequence sequencing carrier profile marker result results";
    RESIDENT = 85: "id identity identification identity citizen national ausweis";
    IP = 86: "ip ipv4 ipv6";
    SERIAL = 87: "serial sn";
    ONECODE = 89: "code otp totp";
    VERIFY = 90: "security verification confirmation authentication login signin activation unlock time onetime factor";
    BODY = 88: "breast lung prostate colon skin bowel blood bone brain liver kidney heart ovarian cervical thyroid pancreatic";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_has_a_bit_of_its_own() {
        let mut all = 0;
        for (context, words) in WORDS {
            assert_eq!(all & context, 0, "{words}");
            all |= context;
        }
    }
}
