from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LineChart(_message.Message):
    __slots__ = ("labels", "series", "type")
    class Series(_message.Message):
        __slots__ = ("type", "values", "device", "port")
        TYPE_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        DEVICE_FIELD_NUMBER: _ClassVar[int]
        PORT_FIELD_NUMBER: _ClassVar[int]
        type: str
        values: _containers.RepeatedScalarFieldContainer[bytes]
        device: int
        port: int
        def __init__(self, type: _Optional[str] = ..., values: _Optional[_Iterable[bytes]] = ..., device: _Optional[int] = ..., port: _Optional[int] = ...) -> None: ...
    LABELS_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedScalarFieldContainer[str]
    series: _containers.RepeatedCompositeFieldContainer[LineChart.Series]
    type: int
    def __init__(self, labels: _Optional[_Iterable[str]] = ..., series: _Optional[_Iterable[_Union[LineChart.Series, _Mapping]]] = ..., type: _Optional[int] = ...) -> None: ...

class LineChartArray(_message.Message):
    __slots__ = ("charts",)
    CHARTS_FIELD_NUMBER: _ClassVar[int]
    charts: _containers.RepeatedCompositeFieldContainer[LineChart]
    def __init__(self, charts: _Optional[_Iterable[_Union[LineChart, _Mapping]]] = ...) -> None: ...

class PlayPowerChart(_message.Message):
    __slots__ = ("date", "labels", "values", "step", "length")
    DATE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    date: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    values: _containers.RepeatedScalarFieldContainer[bytes]
    step: int
    length: int
    def __init__(self, date: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., values: _Optional[_Iterable[bytes]] = ..., step: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class PlayPowerChartArray(_message.Message):
    __slots__ = ("charts",)
    CHARTS_FIELD_NUMBER: _ClassVar[int]
    charts: _containers.RepeatedCompositeFieldContainer[PlayPowerChart]
    def __init__(self, charts: _Optional[_Iterable[_Union[PlayPowerChart, _Mapping]]] = ...) -> None: ...

class IndicatorCurve(_message.Message):
    __slots__ = ("device", "date", "indicator", "minutes", "values")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    device: str
    date: str
    indicator: str
    minutes: _containers.RepeatedScalarFieldContainer[int]
    values: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, device: _Optional[str] = ..., date: _Optional[str] = ..., indicator: _Optional[str] = ..., minutes: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[bytes]] = ...) -> None: ...

class IndicatorCurveArray(_message.Message):
    __slots__ = ("curves",)
    CURVES_FIELD_NUMBER: _ClassVar[int]
    curves: _containers.RepeatedCompositeFieldContainer[IndicatorCurve]
    def __init__(self, curves: _Optional[_Iterable[_Union[IndicatorCurve, _Mapping]]] = ...) -> None: ...
