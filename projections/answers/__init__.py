"""How every type and every root of the contract is answered."""
