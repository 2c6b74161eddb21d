-- Rare facts that decide how all others are taken and read are found without looking at these.
CREATE INDEX events_decrees ON ledger.events (kind, position)
    WHERE kind IN ('IdentitiesLinked', 'PolicyAdopted');
