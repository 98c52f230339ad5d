package target

import "delfos/shared/postgres/role"

// Writer is who the etl publishes as. It deletes and adds values but reads none of
// them; of a signal it chooses the name, and of a publication the time only once it
// has written it. The ids of signals need no grant: an identity column draws its own.
// Ending sessions of its own, and advisory locks, need none either.
var Writer = role.Role{
	Name: "delfos_target_writer",
	Grants: []role.Grant{
		{Privileges: "SELECT (timestamp, signal_id), INSERT, DELETE", Table: "data"},
		{Privileges: "SELECT, INSERT (name)", Table: "signal"},
		{
			Privileges: "SELECT, INSERT (partition, run_id, generation, fingerprint, rows_read, rows_written), " +
				"UPDATE (run_id, generation, fingerprint, rows_read, rows_written, published_at)",
			Table: "materialization",
		},
	},
}

// Reader is who the console reads as.
var Reader = role.Role{
	Name: "delfos_target_reader",
	Grants: []role.Grant{
		{Privileges: "SELECT", Table: "data"},
		{Privileges: "SELECT", Table: "signal"},
		{Privileges: "SELECT", Table: "materialization"},
	},
}
