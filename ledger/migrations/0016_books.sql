-- What lies beside the events is committed to span by span, as `BookClosed` says; for that each of these
-- books numbers its entries. The rows that are there get their numbers now.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'tokens', 'token_revocations', 'batches', 'batch_parts', 'batch_rows',
        'quarantine_decisions', 'pending', 'register_versions'
    ] LOOP
        EXECUTE format('ALTER TABLE ledger.%I ADD COLUMN entry bigint GENERATED ALWAYS AS IDENTITY', name);
        EXECUTE format(
            'COMMENT ON COLUMN ledger.%I.entry IS %L', name, 'Its number in the book, drawn while it is written');
    END LOOP;
END
$$;
