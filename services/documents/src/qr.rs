//! QR codes as vector drawings.

use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

use crate::DocumentError;

/// `text` as an SVG drawing with its quiet zone, one unit a module.
pub(crate) fn svg(text: &str) -> Result<Vec<u8>, DocumentError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| DocumentError::AddressTooLong { bytes: text.len() })?;
    let drawing = code.render::<Color<'_>>().module_dimensions(1, 1).quiet_zone(true).build();
    Ok(drawing.into_bytes())
}
