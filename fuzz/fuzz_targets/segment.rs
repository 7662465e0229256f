//! Any bytes to [`remit_tests::targets::segment`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| remit_tests::targets::segment(data));
