//! What a file is, told by its content and never by its name.

/// Kinds of file a piece can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// ISO 32000.
    Pdf,
    /// ISO/IEC 10918.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
}

/// What is wrong with a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// Its first bytes are those of no accepted kind.
    #[error("neither PDF, JPEG nor PNG by its first bytes")]
    UnknownType,
    /// It begins as `0` but does not end as one: cut short, or something else behind a borrowed beginning.
    #[error("begins as {} but does not end as one", .0.mime())]
    BrokenEnd(MediaType),
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const PNG_END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";
const JPEG: &[u8] = b"\xff\xd8\xff";
const JPEG_END: &[u8] = b"\xff\xd9";
const PDF: &[u8] = b"%PDF-";
const PDF_END: &[u8] = b"%%EOF";

impl MediaType {
    /// What is accepted.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// Bytes from the beginning that suffice to tell.
    pub const ENOUGH: usize = 8;

    /// Bytes from the end that suffice to check it; readers look for a PDF's end in its last 1,024.
    pub const TAIL: usize = 1024;

    /// Its media type (RFC 6838).
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The one with this media type.
    #[must_use]
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.mime() == mime)
    }

    /// Tells it by the first [`Self::ENOUGH`] bytes (fewer, for a smaller file).
    ///
    /// # Errors
    /// [`FileRefused::UnknownType`].
    pub fn of_head(head: &[u8]) -> Result<Self, FileRefused> {
        if head.starts_with(PDF) {
            Ok(Self::Pdf)
        } else if head.starts_with(JPEG) {
            Ok(Self::Jpeg)
        } else if head.starts_with(PNG) {
            Ok(Self::Png)
        } else {
            Err(FileRefused::UnknownType)
        }
    }

    /// Checks the last [`Self::TAIL`] bytes. Some writers append line ends or zeros, which no reader minds.
    ///
    /// # Errors
    /// [`FileRefused::BrokenEnd`].
    pub fn check_tail(self, tail: &[u8]) -> Result<(), FileRefused> {
        let padding = |b: &u8| matches!(b, 0 | b'\n' | b'\r' | b' ');
        let end = tail.iter().rposition(|b| !padding(b)).map_or(&[][..], |last| &tail[..=last]);
        let sound = match self {
            Self::Pdf => end.windows(PDF_END.len()).any(|w| w == PDF_END),
            Self::Jpeg => end.ends_with(JPEG_END),
            Self::Png => end.ends_with(PNG_END),
        };
        if sound { Ok(()) } else { Err(FileRefused::BrokenEnd(self)) }
    }

    /// Both checks on a whole file.
    ///
    /// # Errors
    /// As the two checks.
    pub fn of(file: &[u8]) -> Result<Self, FileRefused> {
        let kind = Self::of_head(file)?;
        kind.check_tail(&file[file.len().saturating_sub(Self::TAIL)..])?;
        Ok(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileRefused, JPEG, JPEG_END, MediaType, PDF, PDF_END, PNG, PNG_END};

    fn file(head: &[u8], tail: &[u8]) -> Vec<u8> {
        [head, &[b'x'; 3000], tail].concat()
    }

    #[test]
    fn told_by_content() {
        assert_eq!(MediaType::of(&file(PDF, PDF_END)), Ok(MediaType::Pdf));
        assert_eq!(MediaType::of(&file(PDF, b"%%EOF\r\n")), Ok(MediaType::Pdf));
        assert_eq!(MediaType::of(&file(JPEG, JPEG_END)), Ok(MediaType::Jpeg));
        assert_eq!(MediaType::of(&file(PNG, PNG_END)), Ok(MediaType::Png));
        for t in MediaType::ALL {
            assert_eq!(MediaType::from_mime(t.mime()), Some(t));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for head in [&b"MZ\x90"[..], b"PK\x03\x04", b"<html>", b"GIF89a", b"", b"%PD", b"\xff\xd8", b"\x89PNG"] {
            assert_eq!(MediaType::of(head), Err(FileRefused::UnknownType), "{head:?}");
        }
    }

    #[test]
    fn a_file_cut_short_is_refused() {
        for (head, tail, kind) in
            [(PDF, PDF_END, MediaType::Pdf), (JPEG, JPEG_END, MediaType::Jpeg), (PNG, PNG_END, MediaType::Png)]
        {
            let whole = file(head, tail);
            assert_eq!(MediaType::of(&whole[..whole.len() - 1]), Err(FileRefused::BrokenEnd(kind)));
        }
        // The end of one kind does not end another.
        assert!(MediaType::of(&file(PDF, JPEG_END)).is_err());
        assert!(MediaType::of(&file(JPEG, PNG_END)).is_err());
        // A PDF's end is looked for where readers look.
        assert!(MediaType::of(&[PDF, PDF_END, &[b'x'; 1024][..]].concat()).is_err());
    }
}
