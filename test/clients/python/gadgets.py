# What a controller written with Kubernetes' Python client does: finds its kind by discovery, applies, patches, lists page by page, selects, watches on after
# the end of a watch, elects a leader, and deletes. Prints one line of JSON with what it saw.
import json
import logging
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError, UnprocessibleEntityError
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

logging.disable(logging.CRITICAL)
kubeconfig, namespace, definition = sys.argv[1:4]
config.load_kube_config(kubeconfig)
api = client.ApiClient()
found = {"version": client.VersionApi(api).get_code().git_version}


def until(what, look, seconds=30):
    end = time.monotonic() + seconds
    while True:
        result = look()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


# A definition and one object of it, in one file.
utils.create_from_yaml(api, definition)
extensions = client.ApiextensionsV1Api(api)
until("established", lambda: any(each.type == "Established" and each.status == "True" for each in extensions.read_custom_resource_definition("gadgets.py.gantry.test").status.conditions or []))
discovered = dynamic.DynamicClient(api)
gadgets = discovered.resources.get(api_version="py.gantry.test/v1", kind="Gadget")
found["subresources"] = sorted(gadgets.subresources)


def gadget(name, **spec):
    return {"apiVersion": "py.gantry.test/v1", "kind": "Gadget", "metadata": {"name": name, "labels": {"by": "py"}}, "spec": spec}


# A watch follows from where a list ended, with bookmarks, and begins again from what it saw last when the server ends it.
seen, watches, done = [], 0, threading.Event()
start = gadgets.get(namespace=namespace).metadata.resourceVersion


def follow():
    global watches
    custom, version = client.CustomObjectsApi(client.ApiClient()), start
    while not done.is_set():
        watches += 1
        for event in watch.Watch().stream(custom.list_namespaced_custom_object, "py.gantry.test", "v1", namespace, "gadgets", resource_version=version, timeout_seconds=2, allow_watch_bookmarks=True):
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                seen.append([event["type"], event["object"]["metadata"]["name"], event["object"]["spec"].get("size")])


follower = threading.Thread(target=follow, daemon=True)
follower.start()

made = gadgets.create(body=gadget("a", size=1), namespace=namespace)
found["defaulted"] = made.spec.colour
try:
    gadgets.create(body=gadget("b", size=99), namespace=namespace)
except UnprocessibleEntityError as error:
    found["invalid"] = json.loads(error.body)["message"]
gadgets.patch(body={"spec": {"size": 2}}, name="a", namespace=namespace, content_type="application/merge-patch+json")
try:
    gadgets.patch(body={"spec": {"size": 2}}, name="a", namespace=namespace)
except dynamic.exceptions.DynamicApiError as error:
    found["strategic"] = [error.status, json.loads(error.body)["reason"]]
gadgets.server_side_apply(body=gadget("a", colour="green"), namespace=namespace, field_manager="py", force_conflicts=True)
try:
    gadgets.server_side_apply(body=gadget("a", colour="blue"), namespace=namespace, field_manager="other", force_conflicts=False)
except ConflictError as error:
    found["conflict"] = json.loads(error.body)["message"]
fresh = gadgets.get(name="a", namespace=namespace)
status = gadgets.status.replace(body={**fresh.to_dict(), "status": {"replicas": 2}}, name="a", namespace=namespace)
found["status"] = status.status.to_dict()
found["scale"] = gadgets.scale.patch(body={"spec": {"replicas": 3}}, name="a", namespace=namespace, content_type="application/merge-patch+json").spec.to_dict()
until("the watch has begun again", lambda: watches > 1)
gadgets.delete(name="a", namespace=namespace, body={"propagationPolicy": "Background"})
until("the watch saw the deletion", lambda: any(each[0] == "DELETED" for each in seen))
done.set()
found["seen"] = seen
try:
    gadgets.get(name="a", namespace=namespace)
except NotFoundError as error:
    found["missing"] = json.loads(error.body)["message"]

# The typed client: pages, selectors, and the deletion of many.
core = client.CoreV1Api(api)
for number in range(25):
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"c-{number}", labels={"n": str(number % 5)}), binary_data={"b": "AP+A"}))
pages, token = [], None
while True:
    page = core.list_namespaced_config_map(namespace, limit=10, _continue=token, label_selector="n")
    pages.append(len(page.items))
    token = page.metadata._continue
    if not token:
        break
found["pages"] = pages
found["selected"] = len(core.list_namespaced_config_map(namespace, label_selector="n in (1,2)", field_selector="metadata.name!=c-1").items)
core.delete_collection_namespaced_config_map(namespace, label_selector="n")
found["left"] = len(core.list_namespaced_config_map(namespace, label_selector="n").items)

led = threading.Event()
lock = ConfigMapLock("py-leader", namespace, "py")
election = electionconfig.Config(lock, lease_duration=17, renew_deadline=15, retry_period=5, onstarted_leading=led.set, onstopped_leading=None)
threading.Thread(target=leaderelection.LeaderElection(election).run, daemon=True).start()
found["leader"] = led.wait(20)
print(json.dumps(found), flush=True)
