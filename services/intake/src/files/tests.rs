#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;

fn pdf(size: usize) -> Vec<u8> {
    [b"%PDF-1.7\n".as_slice(), &vec![b'x'; size], b"\n%%EOF\n"].concat()
}

async fn kept(files: &Files, upload: Uuid, whole: &[u8], cut: usize) -> Vec<String> {
    let mut keys = Vec::new();
    for (i, part) in whole.chunks(cut).enumerate() {
        let bytes = vec![Bytes::copy_from_slice(part)];
        keys.push(files.keep_part(upload, (i * cut) as u64, bytes).await.unwrap());
    }
    keys
}

fn folder() -> (tempfile::TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(&Settings::Folder { folder: dir.path().join("pieces") }).unwrap();
    (dir, files)
}

#[tokio::test]
async fn parts_become_the_file_they_were_cut_from() {
    let (_dir, files) = folder();
    for cut in [1, 5, 700, 5000] {
        let whole = pdf(1500);
        let upload = Uuid::new_v4();
        let keys = kept(&files, upload, &whole, cut).await;
        let assembled = files.assemble(&keys).await.unwrap();
        assert_eq!((assembled.size, assembled.media), (whole.len() as u64, MediaType::Pdf));
        let sha: [u8; 32] = Sha256::digest(&whole).into();
        assert_eq!(assembled.sha256, sha);
        files.create(&format!("pieces/{cut}"), assembled.payload).await.unwrap();
        let read: Vec<Bytes> = files.read(&format!("pieces/{cut}"), whole.len() as u64).try_collect().await.unwrap();
        assert_eq!(read.concat(), whole);
        assert!(files.forget_upload(upload).await);
        assert!(files.forget_upload(upload).await && files.forget(&keys).await, "already gone is gone");
        assert!(files.assemble(&keys).await.is_err());
    }
}

#[tokio::test]
async fn what_is_created_is_never_overwritten() {
    let (_dir, files) = folder();
    files.create("pieces/a", Bytes::from_static(b"first").into()).await.unwrap();
    files.create("pieces/a", Bytes::from_static(b"other").into()).await.unwrap();
    let read: Vec<Bytes> = files.read("pieces/a", 5).try_collect().await.unwrap();
    assert_eq!(read.concat(), b"first");
}

#[tokio::test]
async fn other_content_is_refused() {
    let (_dir, files) = folder();
    let keys = kept(&files, Uuid::new_v4(), b"MZ\x90 not a piece", 4).await;
    assert!(matches!(files.assemble(&keys).await, Err(FilesError::Content(FileRefused::UnknownType))));
    let cut = pdf(2000);
    let keys = kept(&files, Uuid::new_v4(), &cut[..cut.len() - 10], 700).await;
    assert!(matches!(files.assemble(&keys).await, Err(FilesError::Content(FileRefused::BrokenEnd(_)))));
}

#[test]
fn ranges_cover_everything_once() {
    for size in [0, 1, READ - 1, READ, READ + 1, 10 * READ + 7] {
        let all: Vec<_> = ranges(size).collect();
        assert_eq!(all.iter().map(|r| r.end - r.start).sum::<u64>(), size);
        assert!(all.windows(2).all(|w| w[0].end == w[1].start));
    }
}

#[cfg(feature = "s3")]
#[test]
fn a_bucket_can_be_opened() {
    let settings = Settings::S3 { bucket: "b".into(), region: "r".into(), endpoint: Some("https://s3.example".into()) };
    assert!(Files::open(&settings).is_ok());
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_bucket_is_refused_clearly_where_it_is_not_built_in() {
    let settings = Settings::S3 { bucket: "b".into(), region: "r".into(), endpoint: None };
    let Err(error) = Files::open(&settings) else { panic!("opened") };
    assert!(error.to_string().contains("feature `s3`"), "{error}");
}
