//! Real faults on real sockets: the network between the binary and both systems, the process itself, and both systems'
//! bad days, while agents work. After each: nothing lost, nothing told twice with effect, order kept, all in step again.
//!
//! What happens is random, from a seed that is printed first; `CHAOS_SEED` repeats it.

mod certificates;
mod crew;
mod day;
mod kills;
mod network;
mod outages;
mod proxy;
mod scene;
mod stopped;
mod verdict;
