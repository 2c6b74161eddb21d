"""Say in Chinese what is wrong with requests and messages before any question is read."""

from typing import Final

OF_REQUESTS: Final = """
The body must be a JSON object in UTF-8: {}
请求正文须为UTF-8编码的JSON对象：{}

Batches are not answered; send each request by itself, several at a time.
不支持批量请求，请逐个发送，可同时发送多个。

The body says `{}` twice; send it once.
请求正文中`{}`出现了两次，请只写一次。

The body must be a JSON object with a member `query`.
请求正文须为含有成员`query`的JSON对象。

The query string is not readable as UTF-8.
查询串不是可读的UTF-8。

The parameter `{}` must be JSON: {}
参数`{}`须为JSON：{}

`documentId` must be a string that names a trusted document.
`documentId`须为已登记查询的名称。

`query` must be a string that holds a GraphQL document.
`query`须为GraphQL文档的文本。

`operationName` must be a string.
`operationName`须为文本。

`{}` must be a JSON object.
`{}`须为JSON对象。

Accept {} or {}.
请接受{}或{}。

Use POST, or GET for queries.
请用POST，查询也可用GET。

A request may have at most {} bytes.
请求最多{}字节。

Send the request as {} in UTF-8, not compressed.
请以UTF-8编码的{}发送请求，不要压缩。

The request was not sent completely.
请求没有发送完整。

Pages of other sites may not ask here.
其他网站的页面不得在此查询。

Subscriptions are asked for over WebSocket or as text/event-stream.
订阅须经WebSocket或以text/event-stream请求。

The document holds several operations; say which in operationName: {}.
文档含有多个操作，请在operationName中指明：{}。

The document holds no operation "{}"; it holds {}.
文档没有名为“{}”的操作，其中有：{}。

The document holds no operation; begin one with {}.
文档没有操作，请以{}开头。

one without a name
没有名称的操作

Variable '{}' is not declared by the operation. Did you mean '{}'?
操作没有声明变量'{}'，您要的可能是'{}'。

Introspection is switched off here; the schema is at /schema.graphql.
此处不提供自省，结构见/schema.graphql。

A promised value is missing; nothing stands in for it.
缺少约定必有的值，没有以其他值代替。

{} is promised and missing; nothing stands in for it.
缺少约定必有的{}，没有以其他值代替。

Send a valid token: Authorization: Bearer <token>.
请发送有效的令牌：Authorization: Bearer <token>。

Connection initialisation timeout
连接初始化超时

Invalid message received
收到的消息无效

Too many initialisation requests
重复请求初始化

Try again later
请稍后再试

Forbidden
没有权限

Unauthorized
尚未表明身份

Subscriber for {} already exists
标识{}已在使用

At most {} operations run on one socket
一个连接最多同时进行{}个操作

The messages are not taken
消息没有被接收

Subprotocol not acceptable
不支持此子协议
"""
