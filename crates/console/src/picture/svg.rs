//! Numbers as SVG has them.

/// A coordinate: a tenth of a unit is less than a pixel.
pub(super) fn at(coordinate: f64) -> String {
    let text = format!("{coordinate:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}
