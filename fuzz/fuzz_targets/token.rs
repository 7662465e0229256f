//! Any bytes to [`remit_tests::targets::token`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| remit_tests::targets::token(data));
