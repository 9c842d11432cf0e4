# Everything runs in .venv, which is made on first use and reused until the lock or the project file changes.
VAR := $(abspath $(or $(CARESTAT_VAR),var))
T ?=

export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help nightly spark service test ui lint dictionary samples lock audit bench clean
.DELETE_ON_ERROR:

help: ## 显示本列表 · this list
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.venv/ready: requirements.lock pyproject.toml tools/environment.sh
	@tools/environment.sh

# an environment of its own, since Great Expectations imports pyspark where it finds it: what .venv has, and Spark's beside
.venv-spark/ready: .venv/ready requirements-spark.lock
	@.venv/bin/python -m venv --without-pip --clear .venv-spark
	@packages='import sysconfig; print(sysconfig.get_path("purelib"))'; \
		.venv/bin/python -c "$$packages" >"$$(.venv-spark/bin/python -c "$$packages")/beside.pth"
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	@touch .venv-spark/ready

spark: .venv-spark/ready ## 同一套模型在 Spark 上运行，并与发布逐格对照 · the models on Spark, beside the release (needs Java)
	@.venv-spark/bin/python -m pipelines.spark build --formulas
	@.venv-spark/bin/python -m pipelines.spark compare

nightly: .venv/ready ## 运行一次夜间流程 · take in deliveries, compute, check, release
	@.venv/bin/carestat nightly

# bytecode is written whatever the environment says: the suite starts hundreds of processes, each of seconds of imports
test: .venv/ready ## 运行测试，T="参数" 传给 pytest · run the tests, T="arguments" go to pytest
	@env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m pytest -q $(or $(T),-n 3 --dist loadfile --no-loadscope-reorder)

service: .venv/ready ## 夜间自动运行，界面在 127.0.0.1:3000（PORT=端口） · every night by itself, with the web interface
	@.venv/bin/carestat service $(if $(PORT),--port $(PORT))

ui: service ## 同 service：界面在 http://127.0.0.1:3000 · the same, for its web interface

lint: .venv/ready ## 检查代码风格 · ruff and sqlfluff
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/sqlfluff lint --disable-progress-bar dbt_project/models

dictionary: .venv/ready ## 重新生成数据字典 · write docs/dictionary anew from registry, contracts and models
	@.venv/bin/python -m pipelines.dictionary

samples: .venv/ready ## 重新生成示例交付数据 · make the shipped deliveries in raw/ anew
	@.venv/bin/python -m pipelines.samples

lock: ## 按 pyproject.toml 更新 requirements.lock（需要 uv）· pin anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "需要 uv · uv is needed: pip install uv" >&2; exit 1; }
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml --output-file requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra spark --constraint requirements.lock pyproject.toml --output-file requirements-spark.lock

audit: ## 依赖的已知漏洞（需要 pip-audit 和提供公告的软件源）· known holes in what is pinned (needs pip-audit and advisories)
	@command -v pip-audit >/dev/null || { echo "需要 pip-audit · pip-audit is needed: pip install pip-audit" >&2; exit 1; }
	@pip-audit --strict --require-hashes --disable-pip --progress-spinner off --requirement requirements.lock

bench: .venv/ready ## 计时，BENCH="--only … --size …" · paired measurements against their floors (benchmarks/README.md)
	@.venv/bin/python -m benchmarks $(BENCH)

clean: ## 删除 .venv 和缓存（不动 raw/ 与 var/）· remove .venv and caches, never raw/ or var/
	@rm -rf .venv .venv-spark .pytest_cache .ruff_cache .hypothesis *.egg-info dbt_project/target dbt_project/logs
