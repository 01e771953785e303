#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ocl_migrate::fuzzing::marker(data));
