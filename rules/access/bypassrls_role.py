from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement

OPTIONS = {"bypassrls": "bypassrls", "superuser": "superuser"}
BYPASSING = ("service_role", "postgres", "supabase_admin", "supabase_auth_admin", "supabase_storage_admin")
OPEN = ("anon", "authenticated", "authenticator")


def check(statement: Statement, _: Migration) -> Iterator[Match]:
    tree = statement.tree
    match type(tree).__name__:
        case "CreateRoleStmt" | "AlterRoleStmt":
            role = tree.role if isinstance(tree.role, str) else tree.role.rolename
            for node in tree.options:
                option = OPTIONS.get(node.def_elem.defname)
                if option and node.def_elem.arg.boolean.boolval:
                    yield Match(statement, subject=role, role=role, option=option)
        case "GrantRoleStmt" if tree.is_grant:
            for granted in tree.granted_roles:
                for grantee in tree.grantee_roles:
                    bypassing, member = granted.access_priv.priv_name, grantee.role_spec.rolename
                    # authenticator is what the API logs in as: it has to be able to become service_role.
                    if bypassing in BYPASSING and member in OPEN[: 2 if bypassing == "service_role" else 3]:
                        yield Match(statement, subject=member, member=member, bypassing=bypassing)
