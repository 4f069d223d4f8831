//! The binary `presence-bridge`; everything that it does is in the library.

fn main() -> std::process::ExitCode {
    bridge::main()
}
