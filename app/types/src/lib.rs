//! Nouns that server and browser both see.
