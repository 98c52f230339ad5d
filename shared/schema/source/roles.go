package source

import "delfos/shared/postgres/role"

// Reader is who the source API reads as.
var Reader = role.Role{
	Name:   "delfos_source_reader",
	Grants: []role.Grant{{Privileges: "SELECT", Table: "data"}},
}
