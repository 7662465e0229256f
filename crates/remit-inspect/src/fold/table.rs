//! Single characters: what they look like in ASCII. After the confusables data of Unicode TS 39, as far as it concerns
//! letters that pass for Latin ones.

use super::DEGREE;

/// Punctuation, blanks and currency signs.
pub fn sign(letter: char) -> Option<&'static str> {
    const DEGREES: &str = match std::str::from_utf8(&[DEGREE]) {
        Ok(text) => text,
        Err(_) => " ",
    };
    Some(match letter {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{2039}' | '\u{203a}' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' | '\u{300c}'..='\u{300f}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => "-",
        '\u{20a0}'..='\u{20cf}' | '\u{a2}'..='\u{a5}' => "$",
        '\u{b0}' | '\u{2da}' => DEGREES,
        '\u{2026}' => "...",
        '\u{3002}' | '\u{964}' | '\u{965}' | '\u{6d4}' => ".",
        '\u{ff1a}' | '\u{fe55}' | '\u{a789}' | '\u{2236}' => ":",
        '\u{2044}' | '\u{2215}' => "/",
        _ => return None,
    })
}

/// A decimal digit of another script.
pub fn digit(letter: char) -> Option<u8> {
    /// First digit of each run of ten (Unicode category Nd) in living use; the rest decomposes to ASCII.
    const ZEROS: [u32; 22] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
        0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x1946, 0xa8d0, 0xff10,
    ];
    let code = letter as u32;
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    (code - zero < 10).then(|| b'0' + (code - zero) as u8)
}

/// Vowel signs and the like that belong to a word of an Indic or other script.
pub fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ece}' | '\u{f71}'..='\u{fbc}'
        | '\u{102b}'..='\u{103e}' | '\u{17b6}'..='\u{17d3}' | '\u{5b0}'..='\u{5c7}' | '\u{610}'..='\u{670}'
        | '\u{6d6}'..='\u{6ed}' | '\u{3099}' | '\u{309a}')
}

/// The Latin letter that a letter of another script (or a stroked Latin one) passes for.
pub fn look_alike(letter: char) -> Option<&'static str> {
    Some(match letter {
        // Cyrillic
        'а' => "a",
        'А' => "A",
        'В' => "B",
        'с' | 'ϲ' => "c",
        'С' | 'Ϲ' => "C",
        'ԁ' => "d",
        'е' | 'ҽ' | 'є' => "e",
        'Е' => "E",
        'һ' => "h",
        'Н' | 'Ң' => "H",
        'і' | 'ӏ' => "i",
        'І' | 'Ӏ' => "I",
        'ј' | 'ϳ' => "j",
        'Ј' => "J",
        'К' => "K",
        'к' => "k",
        'М' => "M",
        'м' => "m",
        'о' | 'ө' => "o",
        'О' => "O",
        'р' => "p",
        'Р' => "P",
        'ԛ' => "q",
        'г' => "r",
        'ѕ' => "s",
        'Ѕ' => "S",
        'Т' => "T",
        'т' => "t",
        'ѵ' => "v",
        'ԝ' | 'ѡ' => "w",
        'х' | 'ҳ' => "x",
        'Х' => "X",
        'у' | 'ү' => "y",
        'У' | 'Ү' => "Y",
        'п' => "n",
        'и' => "u",
        // Greek
        'α' => "a",
        'Α' => "A",
        'Β' => "B",
        'ε' => "e",
        'Ε' => "E",
        'Η' => "H",
        'η' => "n",
        'ι' => "i",
        'Ι' => "I",
        'κ' => "k",
        'Κ' => "K",
        'Μ' => "M",
        'Ν' => "N",
        'ν' => "v",
        'ο' | 'σ' => "o",
        'Ο' => "O",
        'ρ' => "p",
        'Ρ' => "P",
        'τ' => "t",
        'Τ' => "T",
        'υ' => "u",
        'Υ' => "Y",
        'χ' => "x",
        'Χ' => "X",
        'ω' => "w",
        'γ' => "y",
        'Ζ' => "Z",
        // Armenian, Cherokee, small capitals and hooked Latin
        'օ' => "o",
        'ո' => "n",
        'ս' => "u",
        'հ' => "h",
        'ց' => "g",
        'ԍ' => "G",
        'Ꭺ' => "A",
        'Ꭼ' => "E",
        'Ꮯ' => "C",
        'Ꮪ' => "S",
        'Ꭲ' => "T",
        'Ꭱ' => "R",
        'Ꮲ' => "P",
        'ᴀ' => "a",
        'ʙ' => "b",
        'ᴄ' => "c",
        'ᴅ' => "d",
        'ᴇ' => "e",
        'ꜰ' => "f",
        'ɢ' => "g",
        'ʜ' => "h",
        'ɪ' => "i",
        'ᴊ' => "j",
        'ᴋ' => "k",
        'ʟ' => "l",
        'ᴍ' => "m",
        'ɴ' => "n",
        'ᴏ' => "o",
        'ᴘ' => "p",
        'ʀ' => "r",
        'ꜱ' => "s",
        'ᴛ' => "t",
        'ᴜ' => "u",
        'ᴠ' => "v",
        'ᴡ' => "w",
        'ʏ' => "y",
        'ᴢ' => "z",
        'ɑ' => "a",
        'ɡ' => "g",
        'ɩ' => "i",
        'ɾ' => "r",
        'ʋ' => "u",
        _ => return None,
    })
}

/// Latin letters of living languages that do not decompose: ordinary, so they are no look-alikes.
pub fn ordinary(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        'ħ' => "h",
        _ => return None,
    })
}
