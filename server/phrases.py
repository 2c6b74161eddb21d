"""The words of the first page in English and in Chinese."""

PHRASES = {
    "en": {
        "language": "en",
        "name": "Lifecycle Ledger",
        "other_language": "zh",
        "other_name": "中文",
        "lead": "What was promised, what was delivered and who said so,"
        " for the whole life of industrial investment projects.",
        "try_title": "Try it",
        "try_lead": "A click opens the question in GraphiQL; Ctrl-Enter asks it."
        " The questions are about the facts of the demonstration.",
        "where_title": "Addresses",
        "graphql": "Ask: GraphiQL for people, GraphQL over HTTP for programs",
        "contract": "The GraphQL contract",
        "events": "Deliver facts as CloudEvents 1.0: one, a batch, or any number of lines",
        "schemas": "Every kind of fact with its JSON Schema and an example",
        "health": "How the ledger is, for monitors",
        "program_title": "From a program",
        "recorded": "events recorded: {}",
        "waiting": "deliveries in quarantine: {}",
        "replayed": "times of recording are replayed",
    },
    "zh": {
        "language": "zh-CN",
        "name": "项目全生命周期账本",
        "other_language": "en",
        "other_name": "English",
        "lead": "产业项目从签约到后评价的全过程：承诺了什么，兑现了什么，依据是谁的上报。",
        "try_title": "试一试",
        "try_lead": "点击即在GraphiQL中打开问题，按Ctrl-Enter查询。问题针对演示数据。",
        "where_title": "地址",
        "graphql": "查询：浏览器用GraphiQL，程序用GraphQL over HTTP",
        "contract": "GraphQL接口契约",
        "events": "上报：CloudEvents 1.0，单条、批量或逐行",
        "schemas": "全部事件类型的JSON Schema与示例",
        "health": "运行状态，供监控使用",
        "program_title": "程序调用",
        "recorded": "已记录事件：{}",
        "waiting": "隔离区待处理：{}",
        "replayed": "记录时间为回放",
    },
}

STATUS = {
    "en": {
        "ok": "running, everything is up to date",
        "behind": "running, read models are catching up",
        "stopped": "a read model has stopped; see /health",
        "database unreachable": "the database cannot be reached",
    },
    "zh": {
        "ok": "运行正常，数据最新",
        "behind": "运行正常，视图正在追赶",
        "stopped": "有视图已停止，详见 /health",
        "database unreachable": "数据库无法连接",
    },
}
"""What each status of `/health` means."""
