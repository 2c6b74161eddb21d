-- Cosignatures are closed as a book, too, which numbers its entries; checkpoints have their numbers.
ALTER TABLE ledger.cosignatures ADD COLUMN entry bigint GENERATED ALWAYS AS IDENTITY;
COMMENT ON COLUMN ledger.cosignatures.entry IS 'Its number in the book, drawn while it is written';
