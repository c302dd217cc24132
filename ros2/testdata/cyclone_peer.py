"""Eclipse Cyclone DDS without ROS, driven by the interop tests: sends every JointState of rt/ping back on rt/pong.

    cyclone_peer.py RELIABILITY

The type is written out here from sensor_msgs/msg/JointState, so that nothing of ours judges itself. It prints one JSON
object a line; the end of standard input ends it.
"""
import json
import os
import sys
import threading
import time
from dataclasses import dataclass

domain = int(os.environ['ROS_DOMAIN_ID'])
os.environ['CYCLONEDDS_URI'] = '<General><Interfaces><NetworkInterface name="lo" multicast="true"/></Interfaces></General>'

from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.idl.types import float64, int32, sequence, uint32
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration


@dataclass
class Time(IdlStruct, typename='builtin_interfaces::msg::dds_::Time_'):
    sec: int32
    nanosec: uint32


@dataclass
class Header(IdlStruct, typename='std_msgs::msg::dds_::Header_'):
    stamp: Time
    frame_id: str


@dataclass
class JointState(IdlStruct, typename='sensor_msgs::msg::dds_::JointState_'):
    header: Header
    name: sequence[str]
    position: sequence[float64]
    velocity: sequence[float64]
    effort: sequence[float64]


stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
reliable = sys.argv[1] == 'reliable'
qos = Qos(Policy.Reliability.Reliable(duration(milliseconds=100)) if reliable else Policy.Reliability.BestEffort,
          Policy.History.KeepLast(10),
          Policy.DataRepresentation(use_cdrv0_representation=True, use_xcdrv2_representation=False))
dp = DomainParticipant(domain)
writer = DataWriter(dp, Topic(dp, 'rt/pong', JointState, qos=qos), qos=qos)
reader = DataReader(dp, Topic(dp, 'rt/ping', JointState, qos=qos), qos=qos)
while not stop.is_set() and not (writer.get_matched_subscriptions() and reader.get_matched_publications()):
    time.sleep(0.01)
print(json.dumps(dict(ready=True)), flush=True)
count = 0
while not stop.is_set():
    samples = reader.take(N=10)
    for m in samples:
        if not isinstance(m, JointState):
            continue  # the end of the other writer
        writer.write(m)
        count += 1
    if not samples:
        time.sleep(0.0005)
print(json.dumps(dict(count=count)), flush=True)
