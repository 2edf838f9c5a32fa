//! Bytes that are no piece's go; a piece's never do.

use crate::world::{World, candidate, ms, pdf, refusal, sha};
use contracts::intake as pb;
use intake::{
    commands::{Swept, sweep},
    domain::upload::{ABANDONED_AFTER, SWEPT_AFTER},
};

/// Every object under the folder, by its path.
pub fn objects(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path.display().to_string()) }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn an_unfinished_upload_goes_with_its_parts_and_its_orphan_and_a_piece_stays() {
    let w = World::new("intake_sweep").await;
    w.open(1, w.day()).await.unwrap();
    let kept = w.piece(1, "motivation_letter", pb::Purpose::Piece, w.day()).await.unwrap();
    let file = pdf(500);
    let begin = || w.begin(1, "curriculum_vitae", 0, pb::Purpose::Piece, w.day());
    assert_eq!(refusal(begin().await).reason, "FILE_TOO_LARGE");
    let size = file.len() as u64;
    // One is left in the middle; of the other the command is refused after its object was created: too late.
    let half = w.begin(1, "curriculum_vitae", size, pb::Purpose::Piece, w.day()).await.unwrap().upload_id;
    w.send(1, &half, 0, &[&file[..200]]).await.unwrap();
    let orphan = w.begin(1, "curriculum_vitae", size, pb::Purpose::Piece, w.day()).await.unwrap().upload_id;
    w.send(1, &orphan, 0, &[&file]).await.unwrap();
    refusal(w.commit(1, &orphan, &sha(&file), w.closes).await);
    assert_eq!(objects(w.folder()).iter().filter(|o| o.contains(&orphan)).count(), 2, "its part and its object");

    let abandoned = w.day() + ABANDONED_AFTER;
    assert_eq!(sweep(&w.app, abandoned).await.unwrap(), Swept { spent: 1, ..Swept::default() }, "not yet");
    let closed = sweep(&w.app, abandoned + ms(1)).await.unwrap();
    assert_eq!(closed, Swept { abandoned: 2, ..Swept::default() });
    // No byte goes while a request that knew the session open could still run, and no new one is taken.
    assert_eq!(objects(w.folder()).len(), 4);
    for upload in [&half, &orphan] {
        assert_eq!(refusal(w.send(1, upload, 200, &[&file[200..]]).await).reason, "UPLOAD_UNKNOWN");
        assert_eq!(refusal(w.commit(1, upload, &sha(&file), w.day()).await).reason, "UPLOAD_UNKNOWN");
    }
    assert_eq!(sweep(&w.app, abandoned + SWEPT_AFTER).await.unwrap(), Swept::default());
    let gone = sweep(&w.app, abandoned + SWEPT_AFTER + ms(2)).await.unwrap();
    assert_eq!(gone, Swept { forgotten: 2, ..Swept::default() });
    let left = objects(w.folder());
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].ends_with(&format!("pieces/{}/{}", candidate(1), kept.piece_id)), "{left:?}");
    // Whoever comes back begins again.
    w.piece(1, "curriculum_vitae", pb::Purpose::Piece, w.day()).await.unwrap();
    assert_eq!(sweep(&w.app, w.titles_due).await.unwrap(), Swept { spent: 1, ..Swept::default() });
    assert_eq!(w.dossier(1).await.pieces.len(), 2);
}
