//! PureConnect and Genesys Cloud, simulated on real sockets, and a working day to run on them.

pub mod clock;
pub mod cloud;
pub mod day;
pub mod icws;
pub mod population;
