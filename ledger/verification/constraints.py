"""Each constraint of the ledger as the migrations make it, in PostgreSQL's own words."""

CONSTRAINTS = {
    "events": {
        "events_bytes_check": "CHECK ((octet_length(bytes) <= 65535))",
        "events_content_digest_check": "CHECK ((octet_length(content_digest) = 32))",
        "events_id_key": "UNIQUE (id)",
        "events_pkey": 'PRIMARY KEY ("position")',
        "events_position_check": 'CHECK (("position" >= 1))',
        "events_stream_version_key": "UNIQUE (stream, version)",
        "events_version_check": "CHECK ((version >= 1))",
        "leaf_hash_is_of_bytes": "CHECK ((leaf_hash = sha256(('\\x00'::bytea || bytes))))",
    },
    "heads": {
        "heads_check": "CHECK (((previous >= 0) AND (previous < size)))",
        "heads_edge_check": "CHECK (((octet_length(edge) % 32) = 0))",
        "heads_pkey": "PRIMARY KEY (size)",
        "heads_previous_key": "UNIQUE (previous)",
    },
    "tiles": {
        "tiles_hashes_check": "CHECK ((octet_length(hashes) = 8192))",
        "tiles_index_check": "CHECK ((index >= 0))",
        "tiles_level_check": "CHECK (((level >= 0) AND (level <= 7)))",
        "tiles_pkey": "PRIMARY KEY (level, index)",
    },
    "aliases": {
        "aliases_pkey": 'PRIMARY KEY (alias, "position")',
    },
    "mentions": {
        "mentions_pkey": 'PRIMARY KEY (stream, "position")',
    },
    "person_names": {
        "erased_together": "CHECK (((salt IS NULL) = (value IS NULL)))",
        "only_locked": "CHECK (((value IS NULL) OR starts_with(value, 'locked-name:'::text)))",
        "person_names_pkey": "PRIMARY KEY (event, path)",
    },
    "checkpoints": {
        "checkpoints_origin_size_verifier_key_key": "UNIQUE (origin, size, verifier_key)",
        "checkpoints_pkey": "PRIMARY KEY (number)",
        "checkpoints_root_check": "CHECK ((octet_length(root) = 32))",
        "checkpoints_size_check": "CHECK ((size >= 1))",
    },
    "cosignatures": {
        "cosignatures_pkey": "PRIMARY KEY (origin, size, witness_key)",
        "cosignatures_size_check": "CHECK ((size >= 1))",
    },
    "quarantine": {
        "quarantine_digest_check": "CHECK ((octet_length(digest) = 32))",
        "quarantine_digest_key": "UNIQUE (digest)",
        "quarantine_draft_key": "UNIQUE (draft)",
        "quarantine_pkey": "PRIMARY KEY (number)",
    },
    "quarantine_decisions": {
        "quarantine_decisions_decision_check": (
            "CHECK ((decision = ANY (ARRAY['released'::text, 'refused'::text, 'replaced'::text])))"
        ),
        "quarantine_decisions_number_fkey": (
            "FOREIGN KEY (number) REFERENCES ledger.quarantine(number)"
        ),
        "quarantine_decisions_pkey": "PRIMARY KEY (number)",
    },
    "superseded": {
        "superseded_content_digest_check": "CHECK ((octet_length(content_digest) = 32))",
        "superseded_draft_key": "UNIQUE (draft)",
        "superseded_pkey": "PRIMARY KEY (number)",
        "superseded_source_key_record_version_content_digest_key": (
            "UNIQUE (source_key, record_version, content_digest)"
        ),
    },
    "register_versions": {
        "register_versions_digest_check": "CHECK ((octet_length(digest) = 32))",
        "register_versions_pkey": "PRIMARY KEY (source_key, version)",
        "register_versions_version_check": "CHECK ((version >= 1))",
    },
    "tokens": {
        "tokens_hash_check": "CHECK ((octet_length(hash) = 32))",
        "tokens_hash_key": "UNIQUE (hash)",
        "tokens_pkey": "PRIMARY KEY (id)",
        "tokens_points_check": "CHECK ((points > 0))",
    },
    "token_revocations": {
        "token_revocations_pkey": "PRIMARY KEY (token)",
        "token_revocations_token_fkey": "FOREIGN KEY (token) REFERENCES ledger.tokens(id)",
    },
    "pending": {
        "pending_content_digest_check": "CHECK ((octet_length(content_digest) = 32))",
        "pending_event_key": "UNIQUE (event)",
        "pending_number_fkey": "FOREIGN KEY (number) REFERENCES ledger.quarantine(number)",
        "pending_pkey": "PRIMARY KEY (number)",
    },
    "denials": {
        "denials_pkey": "PRIMARY KEY (number)",
        "denials_times_check": "CHECK ((times > 0))",
    },
    "erasures": {
        "erasures_pkey": "PRIMARY KEY (number)",
    },
    "batches": {
        "batches_door_check": (
            "CHECK ((door = ANY (ARRAY['http'::text, 'register'::text, 'command'::text])))"
        ),
        "batches_pkey": "PRIMARY KEY (id)",
    },
    "batch_parts": {
        "batch_parts_batch_fkey": "FOREIGN KEY (batch) REFERENCES ledger.batches(id)",
        "batch_parts_counts_check": "CHECK ((cardinality(counts) = 6))",
        "batch_parts_first_check": "CHECK ((first >= 0))",
        "batch_parts_outcome_check": (
            "CHECK ((outcome = ANY (ARRAY['complete'::text, 'broken'::text])))"
        ),
        "batch_parts_pkey": "PRIMARY KEY (batch, request, first)",
    },
    "batch_rows": {
        "batch_rows_batch_fkey": "FOREIGN KEY (batch) REFERENCES ledger.batches(id)",
        "batch_rows_pkey": "PRIMARY KEY (batch, request, place)",
    },
}
