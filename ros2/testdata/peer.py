"""A ROS 2 node of the field's own software (rclpy), driven by the interop tests.

    peer.py graph NODE NAMESPACE            prints what the graph API tells of that node; then waits until it is gone
    peer.py echo TYPE IN OUT RELIABILITY    sends every message of IN back on OUT
    peer.py latch TOPIC DATA                publishes one std_msgs/String, transient local
    peer.py latched TOPIC                   joins late and prints the std_msgs/String it gets

Each prints one JSON object a line; an empty line, or the end, of standard input ends it.
"""
import importlib
import json
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

stop = threading.Event()
executor = None


def watch_stdin():
    sys.stdin.readline()
    stop.set()


def say(**kw):
    print(json.dumps(kw), flush=True)


def qos(reliability, depth=10, durability='volatile'):
    return QoSProfile(depth=depth,
                      reliability=ReliabilityPolicy.RELIABLE if reliability == 'reliable' else ReliabilityPolicy.BEST_EFFORT,
                      durability=DurabilityPolicy.TRANSIENT_LOCAL if durability == 'transient_local' else DurabilityPolicy.VOLATILE)


def message_type(name):
    package, name = name.split('/')
    return getattr(importlib.import_module(package + '.msg'), name)


def endpoint(e):
    return dict(topic=e.topic_type, node=e.node_name, namespace=e.node_namespace, hash=str(e.topic_type_hash),
                reliability=e.qos_profile.reliability.name, durability=e.qos_profile.durability.name,
                gid=bytes(e.endpoint_gid)[:16].hex())


def graph(node, name, namespace):
    def names():
        return (name, namespace) in node.get_node_names_and_namespaces()
    start = time.time()
    while not names() and not stop.is_set():
        time.sleep(0.01)
    say(seen=time.time() - start)
    time.sleep(0.5)
    pubs = dict(node.get_publisher_names_and_types_by_node(name, namespace))
    subs = dict(node.get_subscriber_names_and_types_by_node(name, namespace))
    say(names=node.get_node_names_and_namespaces(), pubs=pubs, subs=subs,
        publishers={t: [endpoint(e) for e in node.get_publishers_info_by_topic(t)] for t in pubs},
        subscriptions={t: [endpoint(e) for e in node.get_subscriptions_info_by_topic(t)] for t in subs},
        topics=dict(node.get_topic_names_and_types()))
    start = time.time()
    while names() and not stop.is_set():
        time.sleep(0.02)
    say(gone=time.time() - start, topics=[t for t, _ in node.get_topic_names_and_types()])


def echo(node, kind, source, target, reliability):
    count = [0]
    pub = node.create_publisher(message_type(kind), target, qos(reliability))

    def back(m):
        count[0] += 1
        pub.publish(m)
    sub = node.create_subscription(message_type(kind), source, back, qos(reliability))
    while not stop.is_set() and (pub.get_subscription_count() == 0 or sub.get_publisher_count() == 0):
        executor.spin_once(timeout_sec=0.01)
    say(ready=True)
    while not stop.is_set():
        executor.spin_once(timeout_sec=0.2)
    say(count=count[0])


def latch(node, topic, data):
    kind = message_type('std_msgs/String')
    pub = node.create_publisher(kind, topic, qos('reliable', 1, 'transient_local'))
    pub.publish(kind(data=data))
    say(ready=True)
    stop.wait()


def latched(node, topic):
    got = []
    kept = node.create_subscription(message_type('std_msgs/String'), topic, lambda m: got.append(m.data),
                                    qos('reliable', 1, 'transient_local'))
    while not stop.is_set() and not got:
        executor.spin_once(timeout_sec=0.05)
    say(got=got)
    del kept


def main():
    global executor
    threading.Thread(target=watch_stdin, daemon=True).start()
    role, args = sys.argv[1], sys.argv[2:]
    rclpy.init()
    node = rclpy.create_node('peer', namespace='/field')
    # rclpy.spin_once adds and removes the node at every call, which no 1 kHz topic survives.
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        dict(graph=graph, echo=echo, latch=latch, latched=latched)[role](node, *args)
    finally:
        node.destroy_node()
        rclpy.shutdown()


main()
