//! What the compiler says to mistakes in code that uses nimsync.
//!
//! `fail/<macro>/<mistake>.rs` holds one mistake a file, with the compiler's output beside it;
//! `pass/<macro>/<feature>.rs` compiles and runs.
