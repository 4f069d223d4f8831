//! Pictures, as SVG.
