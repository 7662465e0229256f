//! Any bytes to [`remit_tests::targets::query`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| remit_tests::targets::query(data));
