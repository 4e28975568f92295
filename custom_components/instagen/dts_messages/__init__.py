"""The messages of a DTS stick: shapes only, no meaning (facts/protobuf-10081.md).

``instagen_dts_pb2`` is made from ``instagen_dts.proto`` by ``scripts/protobuf``.
"""
