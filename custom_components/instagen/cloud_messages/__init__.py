"""The curves of the cloud: shapes only, no meaning (facts/cloud-api.md section 8).

``instagen_cloud_pb2`` is made from ``instagen_cloud.proto`` by ``scripts/protobuf``.
"""
