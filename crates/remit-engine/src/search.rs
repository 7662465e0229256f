//! Which subjects, resources or actions would be allowed.
