//! The fingerprint of keys from the generator broken in 2017 (CVE-2017-15361, "ROCA").

/// The primes by which such a modulus is always congruent to a power of 65537.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus (big-endian) has the fingerprint. A sound key has it with probability below 2^-27.
pub(crate) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| is_power_of_generator(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], by: u32) -> u32 {
    number.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % by)
}

fn is_power_of_generator(value: u32, prime: u32) -> bool {
    let generator = 65_537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_the_generator_have_it_and_their_neighbours_do_not() {
        // 65537^8 is a power of the generator modulo every prime.
        let mut number = vec![1_u8];
        for _ in 0..8 {
            let shifted = [number.clone(), vec![0, 0]].concat();
            let mut carry = 0_u16;
            let mut sum = vec![0_u8; shifted.len()];
            for index in 0..shifted.len() {
                let from_end = shifted.len() - 1 - index;
                let low = number.len().checked_sub(index + 1).map_or(0, |place| u16::from(number[place]));
                let total = u16::from(shifted[from_end]) + low + carry;
                sum[from_end] = total.to_le_bytes()[0];
                carry = total >> 8;
            }
            assert_eq!(carry, 0);
            number = sum;
        }
        assert!(has_fingerprint(&number));
        let mut other = number.clone();
        other[1] += 1;
        assert!(!has_fingerprint(&other), "all bytes count");
        *number.last_mut().unwrap() += 2;
        assert!(!has_fingerprint(&number));
    }
}
