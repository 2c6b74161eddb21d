"""Say in Chinese what graphql-core says of documents and values, sentence by sentence."""

from typing import Final

OF_DOCUMENTS: Final = """
Syntax Error: {}
语法错误：{}

Document contains more than {} tokens. Parsing aborted.
文档的词元超过{}个，已停止解析。

Document contains more than {} tokens.
文档的词元超过{}个。

Document contains more than {} comments. Parsing aborted.
文档的注释超过{}条，已停止解析。

Document is nested too deeply. Parsing aborted.
文档嵌套过深，已停止解析。

Unexpected single quote character ('), did you mean to use a double quote (")?
意外的单引号(')，应使用双引号(")。

Unexpected '..', did you mean '...'?
意外的'..'，应为'...'。

Unexpected character: {}.
意外的字符：{}。

Unexpected variable '{}' in constant value.
常量中不得使用变量'{}'。

Unexpected {}.
意外的{}。

Expected '{}', found {}.
应为'{}'，实为{}。

Expected {}, found {}.
应为{}，实为{}。

Invalid character: {}.
无效字符：{}。

Invalid character within String: {}.
字符串内有无效字符：{}。

Invalid number, unexpected digit after 0: {}.
数字无效，0之后不得再有数字：{}。

Invalid number, expected digit but got: {}.
数字无效，此处应为数字，实为{}。

Invalid Unicode escape sequence: '{}'.
无效的Unicode转义：'{}'。

Invalid character escape sequence: '{}'.
无效的字符转义：'{}'。

Unterminated string.
字符串没有结束。

{} Did you mean the enum value {}?
{}您要的值可能是{}。

{} Did you mean to use an inline fragment on {}?
{}您可能要对{}使用内联片段。

{} Did you mean {}?
{}您要的可能是{}。

Cannot query field '{}' on type '{}'.
类型'{1}'没有字段'{0}'。

Unknown argument '{}' on field '{}'.
字段'{1}'没有参数'{0}'。

Unknown argument '{}' on directive '{}'.
指令'{1}'没有参数'{0}'。

Unknown directive '{}'.
没有指令'{}'。

Directive '{}' may not be used on {}.
指令'{}'不得用于{}。

The directive '{}' can only be used once at this location.
指令'{}'在此处只能使用一次。

Unknown fragment '{}'.
没有片段'{}'。

Fragment '{}' is never used.
片段'{}'没有使用。

Cannot spread fragment '{}' within itself via {}.
片段'{}'经{}包含了自己。

Cannot spread fragment '{}' within itself.
片段'{}'包含了自己。

Fragment '{}' cannot condition on non composite type '{}'.
片段'{}'不能用于没有字段的类型'{}'。

Fragment cannot condition on non composite type '{}'.
片段不能用于没有字段的类型'{}'。

Fragment '{}' cannot be spread here as objects of type '{}' can never be of type '{}'.
片段'{}'不能用在此处：类型'{}'的对象不可能是类型'{}'。

Fragment cannot be spread here as objects of type '{}' can never be of type '{}'.
片段不能用在此处：类型'{}'的对象不可能是类型'{}'。

Unknown type '{}'.
没有类型'{}'。

This anonymous operation must be the only defined operation.
没有名称的操作只能单独出现。

The {} operation is not supported by the schema.
此处不支持{}操作。

The {} definition is not executable.
{}定义不能执行。

Maximum introspection depth exceeded
自省嵌套过深。

Variable '{}' is not defined by operation '{}'.
操作'{1}'没有声明变量'{0}'。

Variable '{}' is not defined.
变量'{}'没有声明。

Variable '{}' is never used in operation '{}'.
操作'{1}'没有使用变量'{0}'。

Variable '{}' is never used.
变量'{}'没有使用。

Variable '{}' cannot be non-input type '{}'.
变量'{}'不能是类型'{}'，该类型不能作为输入。

Variable '{}' of type '{}' used in position expecting type '{}'.
变量'{}'的类型为'{}'，此处应为'{}'。

There can be only one argument named '{}'.
名为'{}'的参数只能有一个。

There can be only one fragment named '{}'.
名为'{}'的片段只能有一个。

There can be only one input field named '{}'.
名为'{}'的输入字段只能有一个。

There can be only one operation named '{}'.
名为'{}'的操作只能有一个。

There can be only one variable named '{}'.
名为'{}'的变量只能有一个。

Argument '{}' of type '{}' is required, but it was not provided.
缺少必需的参数'{}'（类型'{}'）。

Argument '{}' of required type '{}' was not provided.
缺少必需的参数'{}'（类型'{}'）。

Field '{}' must not have a selection since type '{}' has no subfields.
字段'{}'的类型'{}'没有下级字段，不得再作选择。

Field '{}' of type '{}' must have a selection of subfields.
字段'{}'的类型为'{}'，须选择其下级字段。

Field '{}' of type '{}' must have at least one field selected.
字段'{}'的类型为'{}'，至少须选择一个下级字段。

Fields '{}' conflict because {}. Use different aliases on the fields \
to fetch both if this was intentional.
字段'{}'互相冲突：{}。若确需两者，请使用不同的别名。

'{}' and '{}' are different fields
'{}'与'{}'是不同的字段

they return conflicting types '{}' and '{}'
两者的类型'{}'与'{}'不同

subfields '{}' conflict because {}
下级字段'{}'互相冲突：{}

they have differing arguments
两者的参数不同

Subscription '{}' must select only one top level field.
订阅'{}'只能选择一个顶层字段。

Subscription '{}' must select one top level field.
订阅'{}'须选择一个顶层字段。

{} must not use `@skip` or `@include` directives in the top level selection.
{}的顶层字段不得使用`@skip`或`@include`。

Anonymous Subscription must select only one top level field.
订阅只能选择一个顶层字段。

Too many validation errors, error limit reached. Validation aborted.
错误过多，已停止检查。

Too many errors processing variables, error limit reached. Execution aborted.
变量的错误过多，已停止检查。

Variable values are nested too deeply.
变量的值嵌套过深。

Expected a value of non-null type '{}' to be provided.
须给出类型'{}'的值。

Expected value of non-null type '{}' not to be null.
类型'{}'的值不得为空。

Expected value of type '{}' to be an object, found: {}.
类型'{}'的值须为对象，实为{}。

Expected value of type '{}' to include required field '{}', found: {}.
类型'{}'的值缺少必需的字段'{}'：{}。

Expected value of type '{}' not to include unknown field '{}', found: {}.
类型'{}'没有字段'{}'：{}。

Expected value of type '{}', but encountered error '{}'; found: {}.
类型'{}'的值无效（{}）：{}。

Expected value of type '{}', found: {}.
应为类型'{}'的值，实为{}。

Value '{}' does not exist in '{}' enum.
枚举'{1}'没有'{0}'这个值。

Enum '{}' cannot represent non-enum value: {}.
枚举'{}'的值不得写作{}。

Enum '{}' cannot represent non-string value: {}.
枚举'{}'的值须为文本，实为{}。

Enum '{}' cannot represent value: {}
枚举'{}'没有{}这个值。

Int cannot represent non-integer value: {}
须为整数，实为{}

Int cannot represent non 32-bit signed integer value: {}
须为32位整数，实为{}

String cannot represent a non string value: {}
须为文本，实为{}

Boolean cannot represent a non boolean value: {}
须为true或false，实为{}

ID cannot represent a non-string and non-integer value: {}
标识须为文本或整数，实为{}

ID cannot represent value: {}
不能作为标识：{}

Float cannot represent non numeric value: {}
须为数字，实为{}
"""
