from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GatewayInformationRequest(_message.Message):
    __slots__ = ("part", "time", "offset")
    PART_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    part: int
    time: int
    offset: int
    def __init__(self, part: _Optional[int] = ..., time: _Optional[int] = ..., offset: _Optional[int] = ...) -> None: ...

class GatewayInformationAnswer(_message.Message):
    __slots__ = ("serial", "time", "parts", "part", "gateways", "devices", "files")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    parts: int
    part: int
    gateways: _containers.RepeatedCompositeFieldContainer[Gateway]
    devices: _containers.RepeatedCompositeFieldContainer[Device]
    files: _containers.RepeatedCompositeFieldContainer[KeyedData]
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., gateways: _Optional[_Iterable[_Union[Gateway, _Mapping]]] = ..., devices: _Optional[_Iterable[_Union[Device, _Mapping]]] = ..., files: _Optional[_Iterable[_Union[KeyedData, _Mapping]]] = ...) -> None: ...

class Gateway(_message.Message):
    __slots__ = ("model", "software", "hardware", "connection_kind", "wifi_version", "mobile_version", "imei", "sim", "region", "ssl", "flags", "sv", "encryption_seed")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_KIND_FIELD_NUMBER: _ClassVar[int]
    WIFI_VERSION_FIELD_NUMBER: _ClassVar[int]
    MOBILE_VERSION_FIELD_NUMBER: _ClassVar[int]
    IMEI_FIELD_NUMBER: _ClassVar[int]
    SIM_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    SSL_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    SV_FIELD_NUMBER: _ClassVar[int]
    ENCRYPTION_SEED_FIELD_NUMBER: _ClassVar[int]
    model: int
    software: int
    hardware: int
    connection_kind: int
    wifi_version: bytes
    mobile_version: bytes
    imei: bytes
    sim: bytes
    region: int
    ssl: int
    flags: int
    sv: int
    encryption_seed: bytes
    def __init__(self, model: _Optional[int] = ..., software: _Optional[int] = ..., hardware: _Optional[int] = ..., connection_kind: _Optional[int] = ..., wifi_version: _Optional[bytes] = ..., mobile_version: _Optional[bytes] = ..., imei: _Optional[bytes] = ..., sim: _Optional[bytes] = ..., region: _Optional[int] = ..., ssl: _Optional[int] = ..., flags: _Optional[int] = ..., sv: _Optional[int] = ..., encryption_seed: _Optional[bytes] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("serial", "type", "address")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    type: int
    address: int
    def __init__(self, serial: _Optional[int] = ..., type: _Optional[int] = ..., address: _Optional[int] = ...) -> None: ...

class KeyedData(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: int
    value: bytes
    def __init__(self, key: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class HeartbeatRequest(_message.Message):
    __slots__ = ("offset", "time", "time_text")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    offset: int
    time: int
    time_text: bytes
    def __init__(self, offset: _Optional[int] = ..., time: _Optional[int] = ..., time_text: _Optional[bytes] = ...) -> None: ...

class HeartbeatAnswer(_message.Message):
    __slots__ = ("offset", "time", "signal", "serial", "ping_offset", "restarts")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PING_OFFSET_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    offset: int
    time: int
    signal: int
    serial: int
    ping_offset: int
    restarts: int
    def __init__(self, offset: _Optional[int] = ..., time: _Optional[int] = ..., signal: _Optional[int] = ..., serial: _Optional[int] = ..., ping_offset: _Optional[int] = ..., restarts: _Optional[int] = ...) -> None: ...

class CommandRequest(_message.Message):
    __slots__ = ("time", "action", "parts", "part", "transaction", "data", "serials", "crc")
    TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SERIALS_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    time: int
    action: int
    parts: int
    part: int
    transaction: int
    data: bytes
    serials: _containers.RepeatedScalarFieldContainer[int]
    crc: int
    def __init__(self, time: _Optional[int] = ..., action: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., transaction: _Optional[int] = ..., data: _Optional[bytes] = ..., serials: _Optional[_Iterable[int]] = ..., crc: _Optional[int] = ...) -> None: ...

class CommandAnswer(_message.Message):
    __slots__ = ("serial", "time", "action", "part", "transaction", "error")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    action: int
    part: int
    transaction: int
    error: int
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., action: _Optional[int] = ..., part: _Optional[int] = ..., transaction: _Optional[int] = ..., error: _Optional[int] = ...) -> None: ...

class CommandStateRequest(_message.Message):
    __slots__ = ("time", "action", "part", "transaction")
    TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    time: int
    action: int
    part: int
    transaction: int
    def __init__(self, time: _Optional[int] = ..., action: _Optional[int] = ..., part: _Optional[int] = ..., transaction: _Optional[int] = ...) -> None: ...

class CommandStateAnswer(_message.Message):
    __slots__ = ("serial", "time", "action", "parts", "part", "transaction", "succeeded", "failed", "progress", "errors", "state", "type")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    action: int
    parts: int
    part: int
    transaction: int
    succeeded: _containers.RepeatedScalarFieldContainer[int]
    failed: _containers.RepeatedScalarFieldContainer[int]
    progress: _containers.RepeatedCompositeFieldContainer[CommandProgress]
    errors: _containers.RepeatedCompositeFieldContainer[CommandError]
    state: int
    type: int
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., action: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., transaction: _Optional[int] = ..., succeeded: _Optional[_Iterable[int]] = ..., failed: _Optional[_Iterable[int]] = ..., progress: _Optional[_Iterable[_Union[CommandProgress, _Mapping]]] = ..., errors: _Optional[_Iterable[_Union[CommandError, _Mapping]]] = ..., state: _Optional[int] = ..., type: _Optional[int] = ...) -> None: ...

class CommandProgress(_message.Message):
    __slots__ = ("serial", "percent")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    serial: int
    percent: int
    def __init__(self, serial: _Optional[int] = ..., percent: _Optional[int] = ...) -> None: ...

class CommandError(_message.Message):
    __slots__ = ("serial", "code")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    code: int
    def __init__(self, serial: _Optional[int] = ..., code: _Optional[int] = ...) -> None: ...

class NetworkInformationRequest(_message.Message):
    __slots__ = ("offset", "time")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    offset: int
    time: int
    def __init__(self, offset: _Optional[int] = ..., time: _Optional[int] = ...) -> None: ...

class NetworkInformationAnswer(_message.Message):
    __slots__ = ("serial", "time", "set_mode", "set_time", "set_state", "mode", "connected_time", "signal", "state", "access_point_set_state")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SET_MODE_FIELD_NUMBER: _ClassVar[int]
    SET_TIME_FIELD_NUMBER: _ClassVar[int]
    SET_STATE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_SET_STATE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    set_mode: int
    set_time: int
    set_state: int
    mode: int
    connected_time: int
    signal: int
    state: int
    access_point_set_state: int
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., set_mode: _Optional[int] = ..., set_time: _Optional[int] = ..., set_state: _Optional[int] = ..., mode: _Optional[int] = ..., connected_time: _Optional[int] = ..., signal: _Optional[int] = ..., state: _Optional[int] = ..., access_point_set_state: _Optional[int] = ...) -> None: ...

class GatewaySettingsRequest(_message.Message):
    __slots__ = ("offset", "time")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    offset: int
    time: int
    def __init__(self, offset: _Optional[int] = ..., time: _Optional[int] = ...) -> None: ...

class GatewaySettingsAnswer(_message.Message):
    __slots__ = ("serial", "offset", "time", "network_mode", "send_interval", "server_port", "apn", "wifi_name", "wifi_password", "server_name", "access_model", "mac_0", "mac_1", "mac_2", "mac_3", "mac_4", "mac_5", "dhcp", "address_0", "address_1", "address_2", "address_3", "subnet_mask_0", "subnet_mask_1", "subnet_mask_2", "subnet_mask_3", "default_gateway_0", "default_gateway_1", "default_gateway_2", "default_gateway_3", "apn_name", "apn_password", "dns_0", "dns_1", "dns_2", "dns_3", "access_point_name", "access_point_password", "wifi_address_0", "wifi_address_1", "wifi_address_2", "wifi_address_3", "wifi_mac_0", "wifi_mac_1", "wifi_mac_2", "wifi_mac_3", "wifi_mac_4", "wifi_mac_5", "imei", "signal", "sim")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NETWORK_MODE_FIELD_NUMBER: _ClassVar[int]
    SEND_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SERVER_PORT_FIELD_NUMBER: _ClassVar[int]
    APN_FIELD_NUMBER: _ClassVar[int]
    WIFI_NAME_FIELD_NUMBER: _ClassVar[int]
    WIFI_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    SERVER_NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_MODEL_FIELD_NUMBER: _ClassVar[int]
    MAC_0_FIELD_NUMBER: _ClassVar[int]
    MAC_1_FIELD_NUMBER: _ClassVar[int]
    MAC_2_FIELD_NUMBER: _ClassVar[int]
    MAC_3_FIELD_NUMBER: _ClassVar[int]
    MAC_4_FIELD_NUMBER: _ClassVar[int]
    MAC_5_FIELD_NUMBER: _ClassVar[int]
    DHCP_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_0_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_1_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_2_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_3_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_0_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_1_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_2_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_3_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_0_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_1_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_2_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_3_FIELD_NUMBER: _ClassVar[int]
    APN_NAME_FIELD_NUMBER: _ClassVar[int]
    APN_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    DNS_0_FIELD_NUMBER: _ClassVar[int]
    DNS_1_FIELD_NUMBER: _ClassVar[int]
    DNS_2_FIELD_NUMBER: _ClassVar[int]
    DNS_3_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    WIFI_ADDRESS_0_FIELD_NUMBER: _ClassVar[int]
    WIFI_ADDRESS_1_FIELD_NUMBER: _ClassVar[int]
    WIFI_ADDRESS_2_FIELD_NUMBER: _ClassVar[int]
    WIFI_ADDRESS_3_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_0_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_1_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_2_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_3_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_4_FIELD_NUMBER: _ClassVar[int]
    WIFI_MAC_5_FIELD_NUMBER: _ClassVar[int]
    IMEI_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    SIM_FIELD_NUMBER: _ClassVar[int]
    serial: int
    offset: int
    time: int
    network_mode: int
    send_interval: int
    server_port: int
    apn: bytes
    wifi_name: bytes
    wifi_password: bytes
    server_name: bytes
    access_model: int
    mac_0: int
    mac_1: int
    mac_2: int
    mac_3: int
    mac_4: int
    mac_5: int
    dhcp: int
    address_0: int
    address_1: int
    address_2: int
    address_3: int
    subnet_mask_0: int
    subnet_mask_1: int
    subnet_mask_2: int
    subnet_mask_3: int
    default_gateway_0: int
    default_gateway_1: int
    default_gateway_2: int
    default_gateway_3: int
    apn_name: bytes
    apn_password: bytes
    dns_0: int
    dns_1: int
    dns_2: int
    dns_3: int
    access_point_name: bytes
    access_point_password: bytes
    wifi_address_0: int
    wifi_address_1: int
    wifi_address_2: int
    wifi_address_3: int
    wifi_mac_0: int
    wifi_mac_1: int
    wifi_mac_2: int
    wifi_mac_3: int
    wifi_mac_4: int
    wifi_mac_5: int
    imei: bytes
    signal: int
    sim: bytes
    def __init__(self, serial: _Optional[int] = ..., offset: _Optional[int] = ..., time: _Optional[int] = ..., network_mode: _Optional[int] = ..., send_interval: _Optional[int] = ..., server_port: _Optional[int] = ..., apn: _Optional[bytes] = ..., wifi_name: _Optional[bytes] = ..., wifi_password: _Optional[bytes] = ..., server_name: _Optional[bytes] = ..., access_model: _Optional[int] = ..., mac_0: _Optional[int] = ..., mac_1: _Optional[int] = ..., mac_2: _Optional[int] = ..., mac_3: _Optional[int] = ..., mac_4: _Optional[int] = ..., mac_5: _Optional[int] = ..., dhcp: _Optional[int] = ..., address_0: _Optional[int] = ..., address_1: _Optional[int] = ..., address_2: _Optional[int] = ..., address_3: _Optional[int] = ..., subnet_mask_0: _Optional[int] = ..., subnet_mask_1: _Optional[int] = ..., subnet_mask_2: _Optional[int] = ..., subnet_mask_3: _Optional[int] = ..., default_gateway_0: _Optional[int] = ..., default_gateway_1: _Optional[int] = ..., default_gateway_2: _Optional[int] = ..., default_gateway_3: _Optional[int] = ..., apn_name: _Optional[bytes] = ..., apn_password: _Optional[bytes] = ..., dns_0: _Optional[int] = ..., dns_1: _Optional[int] = ..., dns_2: _Optional[int] = ..., dns_3: _Optional[int] = ..., access_point_name: _Optional[bytes] = ..., access_point_password: _Optional[bytes] = ..., wifi_address_0: _Optional[int] = ..., wifi_address_1: _Optional[int] = ..., wifi_address_2: _Optional[int] = ..., wifi_address_3: _Optional[int] = ..., wifi_mac_0: _Optional[int] = ..., wifi_mac_1: _Optional[int] = ..., wifi_mac_2: _Optional[int] = ..., wifi_mac_3: _Optional[int] = ..., wifi_mac_4: _Optional[int] = ..., wifi_mac_5: _Optional[int] = ..., imei: _Optional[bytes] = ..., signal: _Optional[int] = ..., sim: _Optional[bytes] = ...) -> None: ...

class GatewaySettingsWriteRequest(_message.Message):
    __slots__ = ("serial", "offset", "time", "network_mode", "send_interval", "server_port", "apn", "wifi_name", "wifi_password", "server_name", "access_model", "mac_0", "mac_1", "mac_2", "mac_3", "mac_4", "mac_5", "dhcp", "address_0", "address_1", "address_2", "address_3", "subnet_mask_0", "subnet_mask_1", "subnet_mask_2", "subnet_mask_3", "default_gateway_0", "default_gateway_1", "default_gateway_2", "default_gateway_3", "apn_name", "apn_password", "dns_0", "dns_1", "dns_2", "dns_3", "access_point_name", "access_point_password", "old_access_point_password", "app_page")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NETWORK_MODE_FIELD_NUMBER: _ClassVar[int]
    SEND_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SERVER_PORT_FIELD_NUMBER: _ClassVar[int]
    APN_FIELD_NUMBER: _ClassVar[int]
    WIFI_NAME_FIELD_NUMBER: _ClassVar[int]
    WIFI_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    SERVER_NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_MODEL_FIELD_NUMBER: _ClassVar[int]
    MAC_0_FIELD_NUMBER: _ClassVar[int]
    MAC_1_FIELD_NUMBER: _ClassVar[int]
    MAC_2_FIELD_NUMBER: _ClassVar[int]
    MAC_3_FIELD_NUMBER: _ClassVar[int]
    MAC_4_FIELD_NUMBER: _ClassVar[int]
    MAC_5_FIELD_NUMBER: _ClassVar[int]
    DHCP_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_0_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_1_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_2_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_3_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_0_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_1_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_2_FIELD_NUMBER: _ClassVar[int]
    SUBNET_MASK_3_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_0_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_1_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_2_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_GATEWAY_3_FIELD_NUMBER: _ClassVar[int]
    APN_NAME_FIELD_NUMBER: _ClassVar[int]
    APN_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    DNS_0_FIELD_NUMBER: _ClassVar[int]
    DNS_1_FIELD_NUMBER: _ClassVar[int]
    DNS_2_FIELD_NUMBER: _ClassVar[int]
    DNS_3_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    OLD_ACCESS_POINT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    APP_PAGE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    offset: int
    time: int
    network_mode: int
    send_interval: int
    server_port: int
    apn: bytes
    wifi_name: bytes
    wifi_password: bytes
    server_name: bytes
    access_model: int
    mac_0: int
    mac_1: int
    mac_2: int
    mac_3: int
    mac_4: int
    mac_5: int
    dhcp: int
    address_0: int
    address_1: int
    address_2: int
    address_3: int
    subnet_mask_0: int
    subnet_mask_1: int
    subnet_mask_2: int
    subnet_mask_3: int
    default_gateway_0: int
    default_gateway_1: int
    default_gateway_2: int
    default_gateway_3: int
    apn_name: bytes
    apn_password: bytes
    dns_0: int
    dns_1: int
    dns_2: int
    dns_3: int
    access_point_name: bytes
    access_point_password: bytes
    old_access_point_password: bytes
    app_page: int
    def __init__(self, serial: _Optional[int] = ..., offset: _Optional[int] = ..., time: _Optional[int] = ..., network_mode: _Optional[int] = ..., send_interval: _Optional[int] = ..., server_port: _Optional[int] = ..., apn: _Optional[bytes] = ..., wifi_name: _Optional[bytes] = ..., wifi_password: _Optional[bytes] = ..., server_name: _Optional[bytes] = ..., access_model: _Optional[int] = ..., mac_0: _Optional[int] = ..., mac_1: _Optional[int] = ..., mac_2: _Optional[int] = ..., mac_3: _Optional[int] = ..., mac_4: _Optional[int] = ..., mac_5: _Optional[int] = ..., dhcp: _Optional[int] = ..., address_0: _Optional[int] = ..., address_1: _Optional[int] = ..., address_2: _Optional[int] = ..., address_3: _Optional[int] = ..., subnet_mask_0: _Optional[int] = ..., subnet_mask_1: _Optional[int] = ..., subnet_mask_2: _Optional[int] = ..., subnet_mask_3: _Optional[int] = ..., default_gateway_0: _Optional[int] = ..., default_gateway_1: _Optional[int] = ..., default_gateway_2: _Optional[int] = ..., default_gateway_3: _Optional[int] = ..., apn_name: _Optional[bytes] = ..., apn_password: _Optional[bytes] = ..., dns_0: _Optional[int] = ..., dns_1: _Optional[int] = ..., dns_2: _Optional[int] = ..., dns_3: _Optional[int] = ..., access_point_name: _Optional[bytes] = ..., access_point_password: _Optional[bytes] = ..., old_access_point_password: _Optional[bytes] = ..., app_page: _Optional[int] = ...) -> None: ...

class GatewaySettingsWriteAnswer(_message.Message):
    __slots__ = ("offset", "time", "error")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    offset: int
    time: int
    error: int
    def __init__(self, offset: _Optional[int] = ..., time: _Optional[int] = ..., error: _Optional[int] = ...) -> None: ...

class RegistryRequest(_message.Message):
    __slots__ = ("time", "time_text", "offset", "part")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    time: int
    time_text: bytes
    offset: int
    part: int
    def __init__(self, time: _Optional[int] = ..., time_text: _Optional[bytes] = ..., offset: _Optional[int] = ..., part: _Optional[int] = ...) -> None: ...

class RegistryAnswer(_message.Message):
    __slots__ = ("type", "meter", "inverters", "generator_port_mode", "time", "offset", "flags", "energy_management_mode", "mids", "parts", "part")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    METER_FIELD_NUMBER: _ClassVar[int]
    INVERTERS_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_PORT_MODE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    ENERGY_MANAGEMENT_MODE_FIELD_NUMBER: _ClassVar[int]
    MIDS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    type: int
    meter: Meters
    inverters: _containers.RepeatedCompositeFieldContainer[Inverter]
    generator_port_mode: int
    time: int
    offset: int
    flags: int
    energy_management_mode: int
    mids: _containers.RepeatedCompositeFieldContainer[Module]
    parts: int
    part: int
    def __init__(self, type: _Optional[int] = ..., meter: _Optional[_Union[Meters, _Mapping]] = ..., inverters: _Optional[_Iterable[_Union[Inverter, _Mapping]]] = ..., generator_port_mode: _Optional[int] = ..., time: _Optional[int] = ..., offset: _Optional[int] = ..., flags: _Optional[int] = ..., energy_management_mode: _Optional[int] = ..., mids: _Optional[_Iterable[_Union[Module, _Mapping]]] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ...) -> None: ...

class Meters(_message.Message):
    __slots__ = ("serial", "pv_serial")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PV_SERIAL_FIELD_NUMBER: _ClassVar[int]
    serial: bytes
    pv_serial: bytes
    def __init__(self, serial: _Optional[bytes] = ..., pv_serial: _Optional[bytes] = ...) -> None: ...

class Inverter(_message.Message):
    __slots__ = ("serial", "type", "hardware_version", "main_version", "slave_version", "system_version", "battery_serial", "battery_hardware_version", "battery_software_version", "battery_capacity", "pv_inputs", "address", "model_name", "battery_protocol", "battery_type", "charge_points", "packs")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    MAIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    SLAVE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_VERSION_FIELD_NUMBER: _ClassVar[int]
    BATTERY_SERIAL_FIELD_NUMBER: _ClassVar[int]
    BATTERY_HARDWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BATTERY_SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BATTERY_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    PV_INPUTS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TYPE_FIELD_NUMBER: _ClassVar[int]
    CHARGE_POINTS_FIELD_NUMBER: _ClassVar[int]
    PACKS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    type: int
    hardware_version: bytes
    main_version: bytes
    slave_version: bytes
    system_version: bytes
    battery_serial: bytes
    battery_hardware_version: bytes
    battery_software_version: bytes
    battery_capacity: int
    pv_inputs: int
    address: int
    model_name: bytes
    battery_protocol: int
    battery_type: int
    charge_points: _containers.RepeatedCompositeFieldContainer[Module]
    packs: _containers.RepeatedCompositeFieldContainer[Pack]
    def __init__(self, serial: _Optional[int] = ..., type: _Optional[int] = ..., hardware_version: _Optional[bytes] = ..., main_version: _Optional[bytes] = ..., slave_version: _Optional[bytes] = ..., system_version: _Optional[bytes] = ..., battery_serial: _Optional[bytes] = ..., battery_hardware_version: _Optional[bytes] = ..., battery_software_version: _Optional[bytes] = ..., battery_capacity: _Optional[int] = ..., pv_inputs: _Optional[int] = ..., address: _Optional[int] = ..., model_name: _Optional[bytes] = ..., battery_protocol: _Optional[int] = ..., battery_type: _Optional[int] = ..., charge_points: _Optional[_Iterable[_Union[Module, _Mapping]]] = ..., packs: _Optional[_Iterable[_Union[Pack, _Mapping]]] = ...) -> None: ...

class Module(_message.Message):
    __slots__ = ("serial", "software", "hardware")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    software: int
    hardware: int
    def __init__(self, serial: _Optional[int] = ..., software: _Optional[int] = ..., hardware: _Optional[int] = ...) -> None: ...

class Pack(_message.Message):
    __slots__ = ("number", "serial", "converter_software", "battery_software", "charge_estimator_version", "hardware", "capacity")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    CONVERTER_SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    BATTERY_SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    CHARGE_ESTIMATOR_VERSION_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    number: int
    serial: int
    converter_software: int
    battery_software: int
    charge_estimator_version: int
    hardware: int
    capacity: int
    def __init__(self, number: _Optional[int] = ..., serial: _Optional[int] = ..., converter_software: _Optional[int] = ..., battery_software: _Optional[int] = ..., charge_estimator_version: _Optional[int] = ..., hardware: _Optional[int] = ..., capacity: _Optional[int] = ...) -> None: ...

class StorageDataRequest(_message.Message):
    __slots__ = ("time", "time_text", "offset", "part", "serial")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    time: int
    time_text: bytes
    offset: int
    part: int
    serial: int
    def __init__(self, time: _Optional[int] = ..., time_text: _Optional[bytes] = ..., offset: _Optional[int] = ..., part: _Optional[int] = ..., serial: _Optional[int] = ...) -> None: ...

class StorageDataAnswer(_message.Message):
    __slots__ = ("serial", "time", "offset", "parts", "part", "pv_use", "load_supply", "pv_inputs", "battery", "grid", "load", "inverter", "generator", "ac_pv", "interface_protection", "smart_loads", "flow", "charge_points", "mids", "packs")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PV_USE_FIELD_NUMBER: _ClassVar[int]
    LOAD_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    PV_INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    GRID_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    INVERTER_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    AC_PV_FIELD_NUMBER: _ClassVar[int]
    INTERFACE_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    SMART_LOADS_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    CHARGE_POINTS_FIELD_NUMBER: _ClassVar[int]
    MIDS_FIELD_NUMBER: _ClassVar[int]
    PACKS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    offset: int
    parts: int
    part: int
    pv_use: PvUseToday
    load_supply: LoadSupplyToday
    pv_inputs: _containers.RepeatedCompositeFieldContainer[PvInput]
    battery: BatteryData
    grid: GridData
    load: LoadData
    inverter: InverterData
    generator: GeneratorData
    ac_pv: GeneratorData
    interface_protection: InterfaceProtection
    smart_loads: _containers.RepeatedCompositeFieldContainer[SmartLoad]
    flow: PowerFlow
    charge_points: _containers.RepeatedCompositeFieldContainer[ChargePoints]
    mids: _containers.RepeatedCompositeFieldContainer[MidBox]
    packs: _containers.RepeatedCompositeFieldContainer[PackData]
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., offset: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., pv_use: _Optional[_Union[PvUseToday, _Mapping]] = ..., load_supply: _Optional[_Union[LoadSupplyToday, _Mapping]] = ..., pv_inputs: _Optional[_Iterable[_Union[PvInput, _Mapping]]] = ..., battery: _Optional[_Union[BatteryData, _Mapping]] = ..., grid: _Optional[_Union[GridData, _Mapping]] = ..., load: _Optional[_Union[LoadData, _Mapping]] = ..., inverter: _Optional[_Union[InverterData, _Mapping]] = ..., generator: _Optional[_Union[GeneratorData, _Mapping]] = ..., ac_pv: _Optional[_Union[GeneratorData, _Mapping]] = ..., interface_protection: _Optional[_Union[InterfaceProtection, _Mapping]] = ..., smart_loads: _Optional[_Iterable[_Union[SmartLoad, _Mapping]]] = ..., flow: _Optional[_Union[PowerFlow, _Mapping]] = ..., charge_points: _Optional[_Iterable[_Union[ChargePoints, _Mapping]]] = ..., mids: _Optional[_Iterable[_Union[MidBox, _Mapping]]] = ..., packs: _Optional[_Iterable[_Union[PackData, _Mapping]]] = ...) -> None: ...

class PvUseToday(_message.Message):
    __slots__ = ("to_load", "to_battery", "to_grid")
    TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    TO_BATTERY_FIELD_NUMBER: _ClassVar[int]
    TO_GRID_FIELD_NUMBER: _ClassVar[int]
    to_load: int
    to_battery: int
    to_grid: int
    def __init__(self, to_load: _Optional[int] = ..., to_battery: _Optional[int] = ..., to_grid: _Optional[int] = ...) -> None: ...

class LoadSupplyToday(_message.Message):
    __slots__ = ("from_pv", "from_battery", "from_grid")
    FROM_PV_FIELD_NUMBER: _ClassVar[int]
    FROM_BATTERY_FIELD_NUMBER: _ClassVar[int]
    FROM_GRID_FIELD_NUMBER: _ClassVar[int]
    from_pv: int
    from_battery: int
    from_grid: int
    def __init__(self, from_pv: _Optional[int] = ..., from_battery: _Optional[int] = ..., from_grid: _Optional[int] = ...) -> None: ...

class PvInput(_message.Message):
    __slots__ = ("index", "voltage", "current", "power", "energy_today")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    index: int
    voltage: int
    current: int
    power: int
    energy_today: int
    def __init__(self, index: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class BatteryData(_message.Message):
    __slots__ = ("type", "state", "fault_code", "soc", "soh", "voltage", "current", "power", "charge_current_limit", "discharge_current_limit", "charge_cutoff_voltage", "discharge_cutoff_voltage", "cell_temperature_max", "cell_temperature_min", "module_temperature_max", "module_temperature_min", "charged_today", "discharged_today", "cell_voltage_max", "cell_voltage_min", "module_voltage_max", "module_voltage_min")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAULT_CODE_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    SOH_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CURRENT_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CURRENT_LIMIT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMPERATURE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMPERATURE_MIN_FIELD_NUMBER: _ClassVar[int]
    MODULE_TEMPERATURE_MAX_FIELD_NUMBER: _ClassVar[int]
    MODULE_TEMPERATURE_MIN_FIELD_NUMBER: _ClassVar[int]
    CHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    DISCHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    MODULE_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    MODULE_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    type: int
    state: int
    fault_code: int
    soc: int
    soh: int
    voltage: int
    current: int
    power: int
    charge_current_limit: int
    discharge_current_limit: int
    charge_cutoff_voltage: int
    discharge_cutoff_voltage: int
    cell_temperature_max: int
    cell_temperature_min: int
    module_temperature_max: int
    module_temperature_min: int
    charged_today: int
    discharged_today: int
    cell_voltage_max: int
    cell_voltage_min: int
    module_voltage_max: int
    module_voltage_min: int
    def __init__(self, type: _Optional[int] = ..., state: _Optional[int] = ..., fault_code: _Optional[int] = ..., soc: _Optional[int] = ..., soh: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., charge_current_limit: _Optional[int] = ..., discharge_current_limit: _Optional[int] = ..., charge_cutoff_voltage: _Optional[int] = ..., discharge_cutoff_voltage: _Optional[int] = ..., cell_temperature_max: _Optional[int] = ..., cell_temperature_min: _Optional[int] = ..., module_temperature_max: _Optional[int] = ..., module_temperature_min: _Optional[int] = ..., charged_today: _Optional[int] = ..., discharged_today: _Optional[int] = ..., cell_voltage_max: _Optional[int] = ..., cell_voltage_min: _Optional[int] = ..., module_voltage_max: _Optional[int] = ..., module_voltage_min: _Optional[int] = ...) -> None: ...

class GridData(_message.Message):
    __slots__ = ("state", "phases")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    state: GridState
    phases: _containers.RepeatedCompositeFieldContainer[GridPhase]
    def __init__(self, state: _Optional[_Union[GridState, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[GridPhase, _Mapping]]] = ...) -> None: ...

class GridState(_message.Message):
    __slots__ = ("state", "frequency", "power_factor_flag")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    POWER_FACTOR_FLAG_FIELD_NUMBER: _ClassVar[int]
    state: int
    frequency: int
    power_factor_flag: int
    def __init__(self, state: _Optional[int] = ..., frequency: _Optional[int] = ..., power_factor_flag: _Optional[int] = ...) -> None: ...

class GridPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "power", "reactive_power", "power_factor", "exported_today", "imported_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    POWER_FACTOR_FIELD_NUMBER: _ClassVar[int]
    EXPORTED_TODAY_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    power: int
    reactive_power: int
    power_factor: int
    exported_today: int
    imported_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., power_factor: _Optional[int] = ..., exported_today: _Optional[int] = ..., imported_today: _Optional[int] = ...) -> None: ...

class LoadData(_message.Message):
    __slots__ = ("state", "phases")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    state: LoadState
    phases: _containers.RepeatedCompositeFieldContainer[LoadPhase]
    def __init__(self, state: _Optional[_Union[LoadState, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[LoadPhase, _Mapping]]] = ...) -> None: ...

class LoadState(_message.Message):
    __slots__ = ("state", "frequency")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    state: int
    frequency: int
    def __init__(self, state: _Optional[int] = ..., frequency: _Optional[int] = ...) -> None: ...

class LoadPhase(_message.Message):
    __slots__ = ("phase", "voltage", "power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class InverterData(_message.Message):
    __slots__ = ("state", "phases")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    state: InverterState
    phases: _containers.RepeatedCompositeFieldContainer[InverterPhase]
    def __init__(self, state: _Optional[_Union[InverterState, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[InverterPhase, _Mapping]]] = ...) -> None: ...

class InverterState(_message.Message):
    __slots__ = ("role", "state", "power_fault", "safety_fault", "frequency", "insulation_resistance", "residual_current", "demand_response_mode", "afd", "inside_temperature", "pv_temperature", "inverter_temperature", "bus_voltage", "bus_voltage_positive", "bus_voltage_negative", "battery_voltage", "battery_current", "battery_power", "fan_speed_1", "fan_speed_2", "fan_speed_3", "arc", "battery_temperature", "external_fan_speed_1", "external_fan_speed_2", "external_fan_speed_3")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    POWER_FAULT_FIELD_NUMBER: _ClassVar[int]
    SAFETY_FAULT_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    INSULATION_RESISTANCE_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_CURRENT_FIELD_NUMBER: _ClassVar[int]
    DEMAND_RESPONSE_MODE_FIELD_NUMBER: _ClassVar[int]
    AFD_FIELD_NUMBER: _ClassVar[int]
    INSIDE_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    PV_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    INVERTER_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_POSITIVE_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_NEGATIVE_FIELD_NUMBER: _ClassVar[int]
    BATTERY_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BATTERY_CURRENT_FIELD_NUMBER: _ClassVar[int]
    BATTERY_POWER_FIELD_NUMBER: _ClassVar[int]
    FAN_SPEED_1_FIELD_NUMBER: _ClassVar[int]
    FAN_SPEED_2_FIELD_NUMBER: _ClassVar[int]
    FAN_SPEED_3_FIELD_NUMBER: _ClassVar[int]
    ARC_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FAN_SPEED_1_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FAN_SPEED_2_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FAN_SPEED_3_FIELD_NUMBER: _ClassVar[int]
    role: int
    state: int
    power_fault: int
    safety_fault: int
    frequency: int
    insulation_resistance: int
    residual_current: int
    demand_response_mode: int
    afd: int
    inside_temperature: int
    pv_temperature: int
    inverter_temperature: int
    bus_voltage: int
    bus_voltage_positive: int
    bus_voltage_negative: int
    battery_voltage: int
    battery_current: int
    battery_power: int
    fan_speed_1: int
    fan_speed_2: int
    fan_speed_3: int
    arc: int
    battery_temperature: int
    external_fan_speed_1: int
    external_fan_speed_2: int
    external_fan_speed_3: int
    def __init__(self, role: _Optional[int] = ..., state: _Optional[int] = ..., power_fault: _Optional[int] = ..., safety_fault: _Optional[int] = ..., frequency: _Optional[int] = ..., insulation_resistance: _Optional[int] = ..., residual_current: _Optional[int] = ..., demand_response_mode: _Optional[int] = ..., afd: _Optional[int] = ..., inside_temperature: _Optional[int] = ..., pv_temperature: _Optional[int] = ..., inverter_temperature: _Optional[int] = ..., bus_voltage: _Optional[int] = ..., bus_voltage_positive: _Optional[int] = ..., bus_voltage_negative: _Optional[int] = ..., battery_voltage: _Optional[int] = ..., battery_current: _Optional[int] = ..., battery_power: _Optional[int] = ..., fan_speed_1: _Optional[int] = ..., fan_speed_2: _Optional[int] = ..., fan_speed_3: _Optional[int] = ..., arc: _Optional[int] = ..., battery_temperature: _Optional[int] = ..., external_fan_speed_1: _Optional[int] = ..., external_fan_speed_2: _Optional[int] = ..., external_fan_speed_3: _Optional[int] = ...) -> None: ...

class InverterPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "power", "reactive_power", "dc_current", "dc_voltage", "backup_voltage", "backup_current", "backup_power")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    DC_CURRENT_FIELD_NUMBER: _ClassVar[int]
    DC_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BACKUP_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BACKUP_CURRENT_FIELD_NUMBER: _ClassVar[int]
    BACKUP_POWER_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    power: int
    reactive_power: int
    dc_current: int
    dc_voltage: int
    backup_voltage: int
    backup_current: int
    backup_power: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., dc_current: _Optional[int] = ..., dc_voltage: _Optional[int] = ..., backup_voltage: _Optional[int] = ..., backup_current: _Optional[int] = ..., backup_power: _Optional[int] = ...) -> None: ...

class GeneratorData(_message.Message):
    __slots__ = ("state", "phases")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    state: GeneratorState
    phases: _containers.RepeatedCompositeFieldContainer[GeneratorPhase]
    def __init__(self, state: _Optional[_Union[GeneratorState, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[GeneratorPhase, _Mapping]]] = ...) -> None: ...

class GeneratorState(_message.Message):
    __slots__ = ("state", "frequency")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    state: int
    frequency: int
    def __init__(self, state: _Optional[int] = ..., frequency: _Optional[int] = ...) -> None: ...

class GeneratorPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "power", "reactive_power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    power: int
    reactive_power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class InterfaceProtection(_message.Message):
    __slots__ = ("step", "state", "code")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    step: int
    state: int
    code: int
    def __init__(self, step: _Optional[int] = ..., state: _Optional[int] = ..., code: _Optional[int] = ...) -> None: ...

class SmartLoad(_message.Message):
    __slots__ = ("phases",)
    PHASES_FIELD_NUMBER: _ClassVar[int]
    phases: _containers.RepeatedCompositeFieldContainer[SmartLoadPhase]
    def __init__(self, phases: _Optional[_Iterable[_Union[SmartLoadPhase, _Mapping]]] = ...) -> None: ...

class SmartLoadPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class PowerFlow(_message.Message):
    __slots__ = ("pv_to_load", "pv_to_battery", "pv_to_grid", "battery_to_load", "grid_to_load", "battery_to_grid", "soc")
    PV_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    PV_TO_BATTERY_FIELD_NUMBER: _ClassVar[int]
    PV_TO_GRID_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    GRID_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TO_GRID_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    pv_to_load: int
    pv_to_battery: int
    pv_to_grid: int
    battery_to_load: int
    grid_to_load: int
    battery_to_grid: int
    soc: int
    def __init__(self, pv_to_load: _Optional[int] = ..., pv_to_battery: _Optional[int] = ..., pv_to_grid: _Optional[int] = ..., battery_to_load: _Optional[int] = ..., grid_to_load: _Optional[int] = ..., battery_to_grid: _Optional[int] = ..., soc: _Optional[int] = ...) -> None: ...

class ChargePoints(_message.Message):
    __slots__ = ("points", "sessions")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[ChargePoint]
    sessions: _containers.RepeatedCompositeFieldContainer[ChargeSession]
    def __init__(self, points: _Optional[_Iterable[_Union[ChargePoint, _Mapping]]] = ..., sessions: _Optional[_Iterable[_Union[ChargeSession, _Mapping]]] = ...) -> None: ...

class ChargePoint(_message.Message):
    __slots__ = ("state", "energy", "duration", "voltage", "current", "power", "wc", "serial")
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENERGY_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    WC_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    state: int
    energy: int
    duration: int
    voltage: int
    current: int
    power: int
    wc: int
    serial: int
    def __init__(self, state: _Optional[int] = ..., energy: _Optional[int] = ..., duration: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., wc: _Optional[int] = ..., serial: _Optional[int] = ...) -> None: ...

class ChargeSession(_message.Message):
    __slots__ = ("serial", "time")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ...) -> None: ...

class MidBox(_message.Message):
    __slots__ = ("fault_code", "temperature_1", "temperature_2", "relay_state", "state")
    FAULT_CODE_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_1_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_2_FIELD_NUMBER: _ClassVar[int]
    RELAY_STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    fault_code: int
    temperature_1: int
    temperature_2: int
    relay_state: int
    state: int
    def __init__(self, fault_code: _Optional[int] = ..., temperature_1: _Optional[int] = ..., temperature_2: _Optional[int] = ..., relay_state: _Optional[int] = ..., state: _Optional[int] = ...) -> None: ...

class PackData(_message.Message):
    __slots__ = ("serial", "state", "battery_fault", "soc", "soh", "voltage", "current", "power", "charge_current_limit", "discharge_current_limit", "charge_cutoff_voltage", "discharge_cutoff_voltage", "cell_temperature_max", "cell_temperature_min", "cell_voltage_max", "cell_voltage_min", "discharged", "charged")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FAULT_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    SOH_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CURRENT_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CURRENT_LIMIT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMPERATURE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMPERATURE_MIN_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    DISCHARGED_FIELD_NUMBER: _ClassVar[int]
    CHARGED_FIELD_NUMBER: _ClassVar[int]
    serial: int
    state: int
    battery_fault: int
    soc: int
    soh: int
    voltage: int
    current: int
    power: int
    charge_current_limit: int
    discharge_current_limit: int
    charge_cutoff_voltage: int
    discharge_cutoff_voltage: int
    cell_temperature_max: int
    cell_temperature_min: int
    cell_voltage_max: int
    cell_voltage_min: int
    discharged: int
    charged: int
    def __init__(self, serial: _Optional[int] = ..., state: _Optional[int] = ..., battery_fault: _Optional[int] = ..., soc: _Optional[int] = ..., soh: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., charge_current_limit: _Optional[int] = ..., discharge_current_limit: _Optional[int] = ..., charge_cutoff_voltage: _Optional[int] = ..., discharge_cutoff_voltage: _Optional[int] = ..., cell_temperature_max: _Optional[int] = ..., cell_temperature_min: _Optional[int] = ..., cell_voltage_max: _Optional[int] = ..., cell_voltage_min: _Optional[int] = ..., discharged: _Optional[int] = ..., charged: _Optional[int] = ...) -> None: ...

class WorkingModeRequest(_message.Message):
    __slots__ = ("time", "transaction", "serial")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    serial: int
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., serial: _Optional[int] = ...) -> None: ...

class WorkingMode(_message.Message):
    __slots__ = ("time", "transaction", "serials", "mode", "reserve_soc", "max_power", "dates", "relays", "peak_soc", "peak_meter_power", "times_of_use")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SERIALS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    RESERVE_SOC_FIELD_NUMBER: _ClassVar[int]
    MAX_POWER_FIELD_NUMBER: _ClassVar[int]
    DATES_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    PEAK_SOC_FIELD_NUMBER: _ClassVar[int]
    PEAK_METER_POWER_FIELD_NUMBER: _ClassVar[int]
    TIMES_OF_USE_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    serials: _containers.RepeatedScalarFieldContainer[int]
    mode: int
    reserve_soc: int
    max_power: int
    dates: _containers.RepeatedCompositeFieldContainer[TariffDates]
    relays: _containers.RepeatedCompositeFieldContainer[DryContact]
    peak_soc: int
    peak_meter_power: int
    times_of_use: _containers.RepeatedCompositeFieldContainer[TimeOfUse]
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., serials: _Optional[_Iterable[int]] = ..., mode: _Optional[int] = ..., reserve_soc: _Optional[int] = ..., max_power: _Optional[int] = ..., dates: _Optional[_Iterable[_Union[TariffDates, _Mapping]]] = ..., relays: _Optional[_Iterable[_Union[DryContact, _Mapping]]] = ..., peak_soc: _Optional[int] = ..., peak_meter_power: _Optional[int] = ..., times_of_use: _Optional[_Iterable[_Union[TimeOfUse, _Mapping]]] = ...) -> None: ...

class WorkingModeAnswer(_message.Message):
    __slots__ = ("time", "transaction", "serial", "error")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    serial: int
    error: int
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., serial: _Optional[int] = ..., error: _Optional[int] = ...) -> None: ...

class TariffDates(_message.Message):
    __slots__ = ("dates", "week_1", "week_2")
    DATES_FIELD_NUMBER: _ClassVar[int]
    WEEK_1_FIELD_NUMBER: _ClassVar[int]
    WEEK_2_FIELD_NUMBER: _ClassVar[int]
    dates: int
    week_1: TariffWeek
    week_2: TariffWeek
    def __init__(self, dates: _Optional[int] = ..., week_1: _Optional[_Union[TariffWeek, _Mapping]] = ..., week_2: _Optional[_Union[TariffWeek, _Mapping]] = ...) -> None: ...

class TariffWeek(_message.Message):
    __slots__ = ("weekdays", "peak_time", "peak_in", "peak_out", "valley_time", "valley_in", "valley_out", "partial_in", "partial_out")
    WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    PEAK_TIME_FIELD_NUMBER: _ClassVar[int]
    PEAK_IN_FIELD_NUMBER: _ClassVar[int]
    PEAK_OUT_FIELD_NUMBER: _ClassVar[int]
    VALLEY_TIME_FIELD_NUMBER: _ClassVar[int]
    VALLEY_IN_FIELD_NUMBER: _ClassVar[int]
    VALLEY_OUT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_IN_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_OUT_FIELD_NUMBER: _ClassVar[int]
    weekdays: int
    peak_time: int
    peak_in: int
    peak_out: int
    valley_time: int
    valley_in: int
    valley_out: int
    partial_in: int
    partial_out: int
    def __init__(self, weekdays: _Optional[int] = ..., peak_time: _Optional[int] = ..., peak_in: _Optional[int] = ..., peak_out: _Optional[int] = ..., valley_time: _Optional[int] = ..., valley_in: _Optional[int] = ..., valley_out: _Optional[int] = ..., partial_in: _Optional[int] = ..., partial_out: _Optional[int] = ...) -> None: ...

class TimeOfUse(_message.Message):
    __slots__ = ("charge_time", "charge_power", "discharge_time", "discharge_power", "lowest_soc", "highest_soc")
    CHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    CHARGE_POWER_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_POWER_FIELD_NUMBER: _ClassVar[int]
    LOWEST_SOC_FIELD_NUMBER: _ClassVar[int]
    HIGHEST_SOC_FIELD_NUMBER: _ClassVar[int]
    charge_time: int
    charge_power: int
    discharge_time: int
    discharge_power: int
    lowest_soc: int
    highest_soc: int
    def __init__(self, charge_time: _Optional[int] = ..., charge_power: _Optional[int] = ..., discharge_time: _Optional[int] = ..., discharge_power: _Optional[int] = ..., lowest_soc: _Optional[int] = ..., highest_soc: _Optional[int] = ...) -> None: ...

class DryContact(_message.Message):
    __slots__ = ("mode", "switched_on", "load_mode", "times", "intelligent", "protect_soc", "breaker_size", "ev_charger_size", "generator")
    MODE_FIELD_NUMBER: _ClassVar[int]
    SWITCHED_ON_FIELD_NUMBER: _ClassVar[int]
    LOAD_MODE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    INTELLIGENT_FIELD_NUMBER: _ClassVar[int]
    PROTECT_SOC_FIELD_NUMBER: _ClassVar[int]
    BREAKER_SIZE_FIELD_NUMBER: _ClassVar[int]
    EV_CHARGER_SIZE_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    mode: int
    switched_on: int
    load_mode: int
    times: LoadTimes
    intelligent: LoadIntelligent
    protect_soc: int
    breaker_size: int
    ev_charger_size: int
    generator: GeneratorControl
    def __init__(self, mode: _Optional[int] = ..., switched_on: _Optional[int] = ..., load_mode: _Optional[int] = ..., times: _Optional[_Union[LoadTimes, _Mapping]] = ..., intelligent: _Optional[_Union[LoadIntelligent, _Mapping]] = ..., protect_soc: _Optional[int] = ..., breaker_size: _Optional[int] = ..., ev_charger_size: _Optional[int] = ..., generator: _Optional[_Union[GeneratorControl, _Mapping]] = ...) -> None: ...

class LoadTimes(_message.Message):
    __slots__ = ("weekdays_1", "weekdays_1_time_1", "weekdays_1_time_2", "weekdays_2", "weekdays_2_time_1", "weekdays_2_time_2")
    WEEKDAYS_1_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_1_TIME_1_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_1_TIME_2_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_2_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_2_TIME_1_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_2_TIME_2_FIELD_NUMBER: _ClassVar[int]
    weekdays_1: int
    weekdays_1_time_1: int
    weekdays_1_time_2: int
    weekdays_2: int
    weekdays_2_time_1: int
    weekdays_2_time_2: int
    def __init__(self, weekdays_1: _Optional[int] = ..., weekdays_1_time_1: _Optional[int] = ..., weekdays_1_time_2: _Optional[int] = ..., weekdays_2: _Optional[int] = ..., weekdays_2_time_1: _Optional[int] = ..., weekdays_2_time_2: _Optional[int] = ...) -> None: ...

class LoadIntelligent(_message.Message):
    __slots__ = ("weekdays_1", "weekdays_1_time", "weekdays_2", "weekdays_2_time", "shortest_run", "rated_power")
    WEEKDAYS_1_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_1_TIME_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_2_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_2_TIME_FIELD_NUMBER: _ClassVar[int]
    SHORTEST_RUN_FIELD_NUMBER: _ClassVar[int]
    RATED_POWER_FIELD_NUMBER: _ClassVar[int]
    weekdays_1: int
    weekdays_1_time: int
    weekdays_2: int
    weekdays_2_time: int
    shortest_run: int
    rated_power: int
    def __init__(self, weekdays_1: _Optional[int] = ..., weekdays_1_time: _Optional[int] = ..., weekdays_2: _Optional[int] = ..., weekdays_2_time: _Optional[int] = ..., shortest_run: _Optional[int] = ..., rated_power: _Optional[int] = ...) -> None: ...

class GeneratorControl(_message.Message):
    __slots__ = ("mode", "start_soc", "stop_soc", "charge_time", "quiet_enabled", "quiet_time_1", "quiet_time_2", "exercise")
    MODE_FIELD_NUMBER: _ClassVar[int]
    START_SOC_FIELD_NUMBER: _ClassVar[int]
    STOP_SOC_FIELD_NUMBER: _ClassVar[int]
    CHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    QUIET_ENABLED_FIELD_NUMBER: _ClassVar[int]
    QUIET_TIME_1_FIELD_NUMBER: _ClassVar[int]
    QUIET_TIME_2_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    mode: int
    start_soc: int
    stop_soc: int
    charge_time: int
    quiet_enabled: int
    quiet_time_1: int
    quiet_time_2: int
    exercise: GeneratorExercise
    def __init__(self, mode: _Optional[int] = ..., start_soc: _Optional[int] = ..., stop_soc: _Optional[int] = ..., charge_time: _Optional[int] = ..., quiet_enabled: _Optional[int] = ..., quiet_time_1: _Optional[int] = ..., quiet_time_2: _Optional[int] = ..., exercise: _Optional[_Union[GeneratorExercise, _Mapping]] = ...) -> None: ...

class GeneratorExercise(_message.Message):
    __slots__ = ("mode", "frequency", "weekday", "start", "duration")
    MODE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    mode: int
    frequency: int
    weekday: int
    start: int
    duration: int
    def __init__(self, mode: _Optional[int] = ..., frequency: _Optional[int] = ..., weekday: _Optional[int] = ..., start: _Optional[int] = ..., duration: _Optional[int] = ...) -> None: ...

class ConfigurationRequest(_message.Message):
    __slots__ = ("time", "transaction", "serial", "part", "type", "data_type")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    serial: int
    part: int
    type: int
    data_type: int
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., serial: _Optional[int] = ..., part: _Optional[int] = ..., type: _Optional[int] = ..., data_type: _Optional[int] = ...) -> None: ...

class Configuration(_message.Message):
    __slots__ = ("time", "transaction", "rule", "data", "crc", "serial", "parts", "part", "type", "start_address", "data_type")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    START_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    rule: int
    data: bytes
    crc: int
    serial: int
    parts: int
    part: int
    type: int
    start_address: int
    data_type: int
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., rule: _Optional[int] = ..., data: _Optional[bytes] = ..., crc: _Optional[int] = ..., serial: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., type: _Optional[int] = ..., start_address: _Optional[int] = ..., data_type: _Optional[int] = ...) -> None: ...

class ConfigurationPutAnswer(_message.Message):
    __slots__ = ("time", "transaction", "serial", "status", "part")
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    time: int
    transaction: int
    serial: int
    status: int
    part: int
    def __init__(self, time: _Optional[int] = ..., transaction: _Optional[int] = ..., serial: _Optional[int] = ..., status: _Optional[int] = ..., part: _Optional[int] = ...) -> None: ...

class StorageWarnings(_message.Message):
    __slots__ = ("serial", "time", "warnings")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    warnings: _containers.RepeatedCompositeFieldContainer[StorageWarning]
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., warnings: _Optional[_Iterable[_Union[StorageWarning, _Mapping]]] = ...) -> None: ...

class StorageWarning(_message.Message):
    __slots__ = ("code", "number", "flag", "start", "end", "data")
    CODE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    code: int
    number: int
    flag: int
    start: int
    end: int
    data: bytes
    def __init__(self, code: _Optional[int] = ..., number: _Optional[int] = ..., flag: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class GatewayWarnings(_message.Message):
    __slots__ = ("serial", "time", "parts", "part", "warnings")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    time: int
    parts: int
    part: int
    warnings: _containers.RepeatedCompositeFieldContainer[GatewayWarning]
    def __init__(self, serial: _Optional[int] = ..., time: _Optional[int] = ..., parts: _Optional[int] = ..., part: _Optional[int] = ..., warnings: _Optional[_Iterable[_Union[GatewayWarning, _Mapping]]] = ...) -> None: ...

class GatewayWarning(_message.Message):
    __slots__ = ("serial", "code", "number", "time", "data")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    serial: int
    code: int
    number: int
    time: int
    data: bytes
    def __init__(self, serial: _Optional[int] = ..., code: _Optional[int] = ..., number: _Optional[int] = ..., time: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...
