//! What a finding can be: the stable names that policies use.

use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What was found. The names are stable: policies and records hold them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $variant,)+
        }

        impl Kind {
            /// Every kind, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name, `lower_snake`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The kind of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// Payment card number: issuer range, length, Luhn.
    PaymentCard = "payment_card",
    /// International bank account number: country length, mod 97.
    Iban = "iban",
    /// Bank identifier code, beside words that say so.
    SwiftBic = "swift_bic",
    /// Account number, routing number or sort code, beside words that say so.
    BankAccount = "bank_account",
    /// Indian bank branch code.
    Ifsc = "ifsc",
    /// Indian payment handle.
    Upi = "upi",
    /// Address of a cryptocurrency wallet.
    CryptoWallet = "crypto_wallet",
    /// Indian resident number: Verhoeff.
    Aadhaar = "aadhaar",
    /// Indian permanent account number.
    Pan = "pan",
    /// Indian goods and services tax number: check character.
    Gstin = "gstin",
    /// Indian voter card.
    VoterId = "voter_id",
    /// Driving licence.
    DrivingLicence = "driving_licence",
    /// Passport number, beside words that say so.
    Passport = "passport",
    /// United States social security number, or ITIN.
    Ssn = "ssn",
    /// Canadian social insurance number: Luhn.
    CanadaSin = "canada_sin",
    /// Mexican CURP or RFC.
    MexicoCurp = "mexico_curp",
    /// Brazilian CPF: two check digits.
    BrazilCpf = "brazil_cpf",
    /// Argentine CUIT or CUIL: mod 11.
    ArgentinaCuit = "argentina_cuit",
    /// Chilean RUT: mod 11.
    ChileRut = "chile_rut",
    /// National Health Service number of the United Kingdom: mod 11.
    NhsNumber = "nhs_number",
    /// National insurance number of the United Kingdom.
    UkNino = "uk_nino",
    /// German tax identification number: ISO 7064 mod 11,10.
    GermanTaxId = "german_tax_id",
    /// French social security number: mod 97.
    FrenchNir = "french_nir",
    /// Spanish DNI or NIE: check letter.
    SpanishDni = "spanish_dni",
    /// Italian tax code: check letter.
    ItalianCodiceFiscale = "italian_codice_fiscale",
    /// Dutch citizen service number: eleven-test.
    DutchBsn = "dutch_bsn",
    /// Belgian national register number: mod 97.
    BelgianNationalNumber = "belgian_national_number",
    /// Polish PESEL: weights and date.
    PolishPesel = "polish_pesel",
    /// Swedish personal number: Luhn and date.
    SwedishPersonnummer = "swedish_personnummer",
    /// Danish CPR number: date.
    DanishCpr = "danish_cpr",
    /// Norwegian birth number: two check digits.
    NorwegianFodselsnummer = "norwegian_fodselsnummer",
    /// Finnish personal identity code: check character.
    FinnishHetu = "finnish_hetu",
    /// Portuguese tax number: mod 11.
    PortugueseNif = "portuguese_nif",
    /// Swiss AHV number: EAN-13 check.
    SwissAhv = "swiss_ahv",
    /// Turkish identity number: two check digits.
    TurkishTckn = "turkish_tckn",
    /// Chinese resident identity number: ISO 7064 mod 11-2.
    ChinaResidentId = "china_resident_id",
    /// Korean resident registration number: date and check digit.
    KoreaRrn = "korea_rrn",
    /// Japanese individual number: check digit.
    JapanMyNumber = "japan_my_number",
    /// Singaporean NRIC or FIN: check letter.
    SingaporeNric = "singapore_nric",
    /// South African identity number: date and Luhn.
    SouthAfricaId = "south_africa_id",
    /// Australian tax file number: mod 11.
    AustraliaTfn = "australia_tfn",
    /// Australian Medicare number: check digit.
    AustraliaMedicare = "australia_medicare",
    /// Telephone number.
    Phone = "phone",
    /// E-mail address.
    Email = "email",
    /// E-mail address in words or brackets.
    EmailObfuscated = "email_obfuscated",
    /// Date of birth, beside words that say so.
    DateOfBirth = "date_of_birth",
    /// Name of a person, beside words that say so.
    PersonName = "person_name",
    /// Street address.
    PostalAddress = "postal_address",
    /// IPv4 or IPv6 address.
    IpAddress = "ip_address",
    /// Hardware address of a network interface.
    MacAddress = "mac_address",
    /// Number of a mobile device: Luhn.
    Imei = "imei",
    /// Advertising or device identifier.
    DeviceId = "device_id",
    /// Session cookie.
    Cookie = "cookie",
    /// Precise position.
    GeoLocation = "geo_location",
    /// Vehicle identification number: check digit.
    VehicleVin = "vehicle_vin",
    /// API key, access token or other machine secret.
    SecretKey = "secret_key",
    /// Private key in PEM form.
    PrivateKey = "private_key",
    /// JSON web token.
    Jwt = "jwt",
    /// Password or one-time code beside words that say so, or a password in a URL.
    Password = "password",
    /// Number of a patient record.
    MedicalRecord = "medical_record",
    /// Health of a person.
    Health = "health",
    /// Genetic data of a person.
    Genetic = "genetic",
    /// Biometric data of a person.
    Biometric = "biometric",
    /// Religious or philosophical belief of a person.
    Belief = "belief",
    /// Political opinion of a person.
    Political = "political",
    /// Ethnic origin or caste of a person.
    Ethnicity = "ethnicity",
    /// Sexual orientation or sex life of a person.
    Sexuality = "sexuality",
    /// Trade union membership of a person.
    UnionMembership = "union_membership",
    /// Criminal record of a person.
    CriminalRecord = "criminal_record",
    /// A keyword of the caller's own list.
    Keyword = "keyword",
}

impl Kind {
    pub(crate) const fn bit(self) -> u128 {
        1 << self as u8
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for (number, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, number);
            assert_eq!(Kind::named(kind.name()), Some(*kind));
            assert!(kind.name().bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{kind}");
        }
        assert!(Kind::ALL.len() <= 128, "a set of kinds is one u128");
        assert_eq!(Kind::named("nonsense"), None);
    }
}
