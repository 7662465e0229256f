//! Which RSA public keys are strong enough to prove anything.

use crate::jose::roca;
use crate::limits;

/// Size, exponent, and the fingerprint of the one well-known broken generator.
pub(crate) fn is_strong(modulus: &[u8], exponent: &[u8]) -> bool {
    let n = without_zeros(modulus);
    let e = without_zeros(exponent);
    let bits = bits(n);
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    // WHY: exponents above 33 bits only slow the verifier down; the library refuses them as well.
    let small = bits_of_exponent(e) <= 33 && e != [1];
    (limits::RSA_BITS..=limits::RSA_BITS_MAX).contains(&bits)
        && odd(n)
        && odd(e)
        && small
        && !roca::has_fingerprint(n)
}

fn bits_of_exponent(exponent: &[u8]) -> usize {
    bits(exponent)
}

fn bits(number: &[u8]) -> usize {
    let leading = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - leading
}

fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let Some((0, rest)) = number.split_first() {
        number = rest;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_exponent_decide() {
        let mut n = vec![0xc5; 256];
        assert!(is_strong(&n, &[1, 0, 1]));
        assert!(is_strong(&n, &[3]));
        for exponent in [&[][..], &[0], &[1], &[0, 1], &[2], &[4, 0, 0, 0, 1]] {
            assert!(!is_strong(&n, exponent), "{exponent:?}");
        }
        assert!(!is_strong(&n[..128], &[1, 0, 1]), "1024 bits");
        assert!(!is_strong(&[vec![0; 128], n[..128].to_vec()].concat(), &[1, 0, 1]), "1024 bits, padded");
        assert!(!is_strong(&vec![0xc5; 1025], &[1, 0, 1]), "8200 bits");
        let led_by_zeros = [vec![0x45], vec![0xc5; 255]].concat();
        assert!(!is_strong(&led_by_zeros, &[1, 0, 1]), "2047 bits");
        n[255] = 0xc4;
        assert!(!is_strong(&n, &[1, 0, 1]), "even");
    }
}
