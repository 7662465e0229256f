//! Remit against Cedar: the tests beside this file. A package of its own, so that nobody compiles Cedar who does not ask for it.
