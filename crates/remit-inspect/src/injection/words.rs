//! Words of instructions in six languages, by what they mean there. A set of meanings is one integer.

use super::Concept;

macro_rules! concepts {
    ($($name:ident = $bit:literal: $words:literal;)+) => {
        $(pub const $name: Concept = 1 << $bit;)+

        const ENGLISH: &[(Concept, &str)] = &[$(($name, $words),)+];
    };
}

concepts! {
    OVERRIDE = 0: "ignore ignoring disregard disregarding forget bypass override overrule neglect discard dismiss abandon nullify unlearn erase supersede overwrite ditch scrap skip unfollow ignores disregards bypasses overrides wipe reset ignored";
    PRIOR = 1: "previous previously prior above earlier preceding former foregoing before existing original initial old past last given preceeding foregoing far";
    ALL = 2: "all any every everything anything whatever entire full complete whole each";
    INSTR = 3: "instruction instructions directive directives guideline guidelines prompt prompts programming safeguards guardrails instructs";
    YOUR = 4: "your yours ur";
    YOU = 5: "you u yourself";
    SYSTEM = 6: "system developer hidden internal initial sys confidential";
    PROMPT = 7: "prompt prompts preprompt systemprompt preamble";
    REVEAL = 8: "reveal show print repeat output display dump leak disclose expose tell give share recite echo copy paste write list describe translate summarise summarize quote spell provide encode reproduce render convert return emit";
    REPEAT = 9: "repeat print output echo recite dump copy reproduce reproduce";
    ACT = 10: "act pretend roleplay behave simulate impersonate become imagine play acting pose assume adopt";
    NOW = 11: "now henceforth onwards onward hereafter";
    ARE = 12: "are re become be";
    PRIVILEGED = 13: "admin administrator root superuser sysop sysadmin superadmin";
    FREE = 14: "unrestricted uncensored unfiltered jailbroken jailbreak dan unlocked unbound unaligned unmoderated amoral unshackled";
    LIMITS = 15: "restriction restrictions limitation limitations limits constraint constraints rule rules guidelines filter filters boundaries censorship ethics morals policies guardrails safety safeguards moderation limit restriction constraint guideline filters";
    WITHOUT = 16: "without no none free";
    NOT = 17: "not never t don dont cannot cant stop mustn shouldn";
    FOLLOW = 18: "follow obey comply adhere listen heed following";
    CALL = 19: "call invoke run execute use trigger launch calling";
    TOOL = 20: "tool tools function functions api plugin plugins connector";
    SEND = 21: "send post email mail forward upload transmit exfiltrate submit append encode embed deliver leak ship copy smuggle";
    DATA = 22: "password passwords credentials credential secrets secret key keys token tokens conversation history data contents content files file database records emails customers customer chat messages contacts environment env inbox transcript mailbox";
    URL = 23: "http https www webhook ftp ngrok requestbin pastebin url";
    AUTHORITY = 24: "ceo cto ciso developer developers administrator administrators admin engineer engineers creator creators headquarters director supervisor management authority";
    URGENT = 25: "urgent urgently immediately emergency critical asap mandatory instantly hurry quick quickly rush";
    MUST = 26: "must shall need should required will have obligated ordered has";
    VERIFY = 27: "verification confirmation approval authorization authorisation permission asking checking review confirm verify ask validate question checks consent verifying confirming validating authorizing authorising";
    REFUSE = 28: "refuse refusing refusal";
    DISCLAIMER = 29: "disclaimer disclaimers warnings caveat caveats apology apologies refusals excuse excuses lecture moralizing moralising hedging apologize apologise caveat disclaimer";
    PERMIT = 30: "permit allow grant authorize authorise approve whitelist allowlist permitted allowed approved authorised authorized granted approves allows permits";
    ACCESS = 31: "access permission permissions privileges requests request actions action transactions transfers transfer roles everyone anyone principal resource transaction payment payments operation operations";
    POLICY = 32: "policy policies rule rules ruleset acl rbac";
    AI = 33: "ai llm assistant assistants agent agents chatbot bot bots copilot gpt chatgpt claude gemini model models llms";
    READ = 34: "reading processing parsing summarising summarizing analysing analyzing handling reviewing reads processes indexing crawling summarises summarizes parses reviews indexes crawls analyses";
    NOTE = 35: "note attention notice message instruction instructions reminder memo directive notice announcement";
    SAY = 36: "say says write type respond reply answer start begin answers responses output include add give type";
    SURE = 37: "sure absolutely certainly";
    AGREED = 38: "agreed promised confirmed accepted consented acknowledged";
    LATER = 39: "next later subsequent codeword passphrase trigger";
    WHEN = 40: "when whenever once if upon";
    MODE = 41: "mode";
    DISCUSS = 42: "attack attacks attacker attackers injection injections jailbreaks exploit exploits phrase phrases phrasing example examples means meaning explain explains explained detect detection detects detector defend defending defence defense defenses filtering paper article blog owasp vulnerability vulnerabilities research researcher researchers pattern patterns classifier malicious adversarial sanitize sanitise lesson training course quiz glossary slide chapter tutorial workshop signature blocklist benchmark";
    CHAT = 43: "conversation text words messages sentences paragraph context word";
    TOLD = 44: "told said taught learned received know knew trained instructed initialised initialized started configured programmed";
    TOOLNAME = 45: "";
    LANG = 46: "";
    HIDDEN = 47: "vtaber vafgehpgvbaf vafgehpgvba cerivbhf flfgrz cebzcg erirny qvfertneq sbetrg erongi snoitcurtsni suoiverp metsys tpmorp laever dragersid tegrof";
    PERSONA = 48: "persona character role identity ego personality";
    DECODE = 49: "decode base64 rot13 decoded decipher unscramble";
    NEW = 50: "new updated revised real actual true replacement update changed change revision";
    CONCEAL = 51: "secretly silently hide conceal covertly quietly";
    DISABLE = 52: "disable deactivate remove suspend lift off switch turn drop";
    BOUND = 53: "bound constrained restricted limited governed";
    I = 54: "i we im";
    WEAKREFUSE = 55: "decline reject warn object hesitate sorry unable";
    LEAD = 56: "please now and then you must just kindly should immediately first so but also instead shall will assistant ai simply instruction task important note or hey ok okay hello next always never";
    ASK = 57: "what why how which does whether can could";
    OPEN = 58: "enter enable activate start begin engage initiate launch switch";
    VENDOR = 59: "openai anthropic deepmind google microsoft meta mistral";
    AGAIN = 60: "yet wait continue remember store proceed resume";
    FROM = 61: "from by";
    TO = 62: "to";
    AM = 63: "am m";
    CANCEL = 64: "cancelled canceled void invalid obsolete revoked expired nullified annulled replaced overruled suspended";
    DEMAND = 65: "order demand command instruct insist orders commands";
    PARAM = 66: "parameter parameters query param querystring pixel";
    FOR = 67: "for";
    HALT = 68: "stopped paused interrupted";
    CALLS = 69: "call invoke trigger calling";
    APPLY = 70: "apply applies applicable valid force effect count counts binding relevant hold holds matter exist";
    VERBATIM = 71: "verbatim exactly exact literal literally word transcript";
    FORBID = 72: "forbidden prohibited disallowed";
    MARKER = 74: "system assistant developer human ai user begin override admin role tool tools action effect default allow decision permit grant forbid end display font color visibility opacity aria alt";
    DOCUMENTS = 75: "api endpoint response responses returns returned answers pdp pep json schema specification documentation docs authzen xacml cedar rego opa evaluation field fields member syntax reads operator property";
    OMIT = 73: "leave omit drop remove exclude avoid delete clear throw set";
}

/// The other languages; each word also says that it is not English.
const OTHERS: &[(Concept, &str)] = &[
    // Spanish
    (
        OVERRIDE,
        "ignora ignorar ignoren olvida olvide olvidar descarta descarte omite omita omitir desobedece",
    ),
    (PRIOR, "anterior anteriores previa previas previo previos precedentes dichas iniciales"),
    (ALL, "todas todos todo toda cualquier completo"),
    (INSTR, "instrucciones instrucción indicaciones órdenes directrices directivas"),
    (YOUR, "tus tu sus"),
    (YOU, "tú usted ti te"),
    (SYSTEM, "sistema oculto oculta interno internas"),
    (REVEAL | REPEAT, "revela revele muestra muéstrame muestre imprime imprima repite repita dime escribe"),
    (ACT, "actúa actua actúe finge compórtate simula"),
    (NOW, "ahora adelante"),
    (ARE, "eres"),
    (PRIVILEGED, "administrador"),
    (LIMITS, "reglas restricciones límites filtros normas"),
    (WITHOUT, "sin"),
    (CALL, "llama ejecuta ejecute invoca usa utilice"),
    (TOOL, "herramienta herramientas función"),
    (SEND, "envía envia envíe envie enviar manda mande reenvía"),
    (DATA, "datos contraseñas contraseña historial credenciales conversación clientes"),
    (URGENT, "urgente inmediatamente"),
    (VERIFY, "verificación confirmación aprobación preguntar"),
    (PERMIT, "permite autoriza concede aprueba"),
    (NEW, "nuevas nueva nuevo"),
    (DISCUSS, "ataque ataques frase frases ejemplo ejemplos significa inyección explica"),
    // French
    (OVERRIDE, "ignorez ignorer oublie oubliez oublier négligez contourne écarte"),
    (PRIOR, "précédentes précédents précédente précédent antérieures antérieurs préalables ci"),
    (ALL, "toutes tous tout toute"),
    (INSTR, "consignes consigne"),
    (YOUR, "tes vos votre ton"),
    (YOU, "vous toi"),
    (SYSTEM, "système cachées internes"),
    (
        REVEAL | REPEAT,
        "révèle révélez affiche affichez montre montrez répète répétez donne donnez dis imprime",
    ),
    (ACT, "agis agissez comporte prétends joue simule"),
    (NOW, "maintenant désormais"),
    (ARE, "es êtes"),
    (PRIVILEGED, "administrateur"),
    (LIMITS, "règles limites filtres"),
    (WITHOUT, "sans"),
    (CALL, "appelle appelez exécute exécutez utilise utilisez"),
    (TOOL, "outil outils fonction"),
    (SEND, "envoie envoyez transmets transmettez"),
    (DATA, "données historique identifiants clients mots"),
    (URGENT, "immédiatement"),
    (VERIFY, "vérification autorisation demander"),
    (PERMIT, "autorise accorde"),
    (NEW, "nouvelles nouvelle"),
    (DISCUSS, "attaque attaques exemple exemples signifie expliquez explique"),
    // German
    (OVERRIDE, "ignoriere ignorieren ignoriert vergiss vergessen missachte missachten verwerfe umgehe"),
    (PRIOR, "vorherigen vorherige bisherigen bisherige obigen obige früheren vorigen vorangegangenen davor"),
    (ALL, "alle alles sämtliche allen"),
    (INSTR, "anweisungen anweisung vorgaben instruktionen befehle systemprompt"),
    (YOUR, "deine deinen deiner ihre ihren dein"),
    (YOU, "du dir"),
    (SYSTEM, "systemanweisungen internen versteckten systemprompt"),
    (REVEAL | REPEAT, "zeige zeig verrate wiederhole gib nenne drucke schreibe"),
    (ACT, "handle verhalte spiele agiere"),
    (NOW, "jetzt fortan nun"),
    (ARE, "bist"),
    (LIMITS, "regeln einschränkungen beschränkungen grenzen filter"),
    (WITHOUT, "ohne keine keinerlei"),
    (CALL, "rufe führe nutze benutze verwende"),
    (TOOL, "werkzeug funktion"),
    (SEND, "sende schicke leite übermittle"),
    (DATA, "daten passwörter verlauf zugangsdaten kundendaten"),
    (URGENT, "sofort dringend"),
    (VERIFY, "bestätigung prüfung rückfrage"),
    (PERMIT, "erlaube genehmige"),
    (NEW, "neue neuen"),
    (DISCUSS, "angriff angriffe beispiel beispiele bedeutet erkläre erklären satz"),
    // Portuguese
    (OVERRIDE, "esqueça esqueca esquecer desconsidere desconsiderar"),
    (PRIOR, "prévias prévia"),
    (ALL, "quaisquer"),
    (INSTR, "instruções instrucoes instrução diretrizes"),
    (YOUR, "suas seu teus seus"),
    (YOU, "você"),
    (REVEAL | REPEAT, "revele mostre imprima mostra exiba diga"),
    (ACT, "aja finja comporte"),
    (NOW, "agora"),
    (ARE, "é"),
    (LIMITS, "regras restrições filtros"),
    (WITHOUT, "sem"),
    (CALL, "chame execute acione"),
    (TOOL, "ferramenta função"),
    (SEND, "encaminhe enviem"),
    (DATA, "dados senhas senha histórico credenciais"),
    (URGENT, "imediatamente"),
    (VERIFY, "verificação confirmação"),
    (PERMIT, "permita autorize conceda"),
    (NEW, "novas nova"),
    (DISCUSS, "exemplo exemplos significa injeção"),
    // Hindi, in both scripts
    (OVERRIDE, "अनदेखा अनदेखी नज़रअंदाज़ नजरअंदाज भूल भूलो भुला इग्नोर andekha anadekha nazarandaaz bhool bhul"),
    (PRIOR, "पिछले पिछली पहले पूर्व pichle pichhle pehle"),
    (ALL, "सभी सब सारे sabhi saare"),
    (INSTR, "निर्देश निर्देशों प्रॉम्प्ट आदेश आदेशों nirdesh nirdeshon"),
    (YOUR, "अपने अपना अपनी आपके apne apna"),
    (YOU, "तुम आप tum aap"),
    (SYSTEM, "सिस्टम"),
    (REVEAL | REPEAT, "दिखाओ दिखाएं दिखाइए बताओ बताएं प्रकट dikhao batao"),
    (ACT, "अभिनय बनकर बनो banke"),
    (NOW, "अब ab"),
    (PRIVILEGED, "प्रशासक एडमिन"),
    (LIMITS, "नियम नियमों प्रतिबंध"),
    (WITHOUT, "बिना bina"),
    (CALL, "चलाओ कॉल उपयोग"),
    (TOOL, "टूल"),
    (SEND, "भेजो भेजें भेज bhejo"),
    (DATA, "डेटा पासवर्ड"),
    (URGENT, "तुरंत turant"),
    (DISCUSS, "हमला उदाहरण मतलब"),
];

/// Spellings shared with English, which say nothing of the language.
const SHARED: &[(Concept, &str)] = &[
    (INSTR, "instructions"),
    (SEND, "envie mande"),
    (LIMITS, "limites filtros restrictions"),
    (DATA, "clientes"),
];

/// Every list, and what each of its words says besides.
pub const LISTS: [(&[(Concept, &str)], Concept); 3] = [(ENGLISH, 0), (OTHERS, LANG), (SHARED, 0)];
