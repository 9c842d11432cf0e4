"""Write docs/dictionary anew: `python -m pipelines.dictionary`."""

from pipelines.settings import Settings

from .pages import FOLDER, pages

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = pages(Settings.from_environment().dbt_project)
    for stale in set(FOLDER.glob("*.html")) - {FOLDER / name for name in written}:
        stale.unlink()
    for name, html in written.items():
        (FOLDER / name).write_text(html, encoding="utf-8")
    print(f"数据字典：{FOLDER / 'index.html'}")
