"""The asset graph as text, for reviewers: each asset with its group and what it is made of, then its checks.

Write it anew after a meant change:  python -m tests.integration.asset_graph > tests/integration/asset_graph.txt
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg


def lines(graph: dg.AssetsDefinition | object, checks: list[dg.AssetCheckKey]) -> Iterator[str]:
    by_asset: dict[dg.AssetKey, list[str]] = {}
    for check in checks:
        by_asset.setdefault(check.asset_key, []).append(check.name)
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        yield f"{key.to_user_string()}  [{node.group_name}]"
        yield from (f"    from {parent.to_user_string()}" for parent in sorted(node.parent_keys))
        yield from (f"    check {name}" for name in sorted(by_asset.get(key, [])))


def problems(graph: object) -> list[str]:
    """Assets that say nothing of themselves."""
    return [key.to_user_string() for key in graph.get_all_asset_keys() if not graph.get(key).description]


def main() -> None:
    from pipelines.definitions import defs

    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()
    print("\n".join(lines(graph, sorted(graph.asset_check_keys))))
    for silent in problems(graph):
        print(f"no description: {silent}")


if __name__ == "__main__":
    main()
