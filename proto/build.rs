//! Compiles every `.proto` of this crate: messages, gRPC services, canonical JSON and the descriptor set for reflection.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use prost::Message;

/// Maps that keep their keys in order: the same message is the same bytes.
const MAPS: &str = ".platform.v1.Reason";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    for tree in ["admissions", "platform"] {
        println!("cargo::rerun-if-changed={tree}");
        collect(&root.join(tree), &mut files)?;
    }
    files.sort();

    let set = protox::compile(&files, [&root])?;
    let bytes = set.encode_to_vec();
    fs::write(out.join("descriptors.bin"), &bytes)?;

    // Our own Timestamp prints instants as canonical proto3 JSON does, with `Z`; see src/timestamp.rs.
    let mut prost_config = tonic_prost_build::Config::new();
    prost_config.extern_path(".google.protobuf.Timestamp", "crate::Timestamp").btree_map([MAPS]).enable_type_names();
    tonic_prost_build::configure().build_transport(true).compile_fds_with_config(set, prost_config)?;

    let mut json = pbjson_build::Builder::new();
    json.register_descriptors(&bytes)?
        .extern_path(".google.protobuf.Timestamp", "crate::Timestamp")
        .btree_map([MAPS])
        // A reader of today meets a message of tomorrow.
        .ignore_unknown_fields()
        .ignore_unknown_enum_variants()
        .build(&[".admissions", ".platform"])?;
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
