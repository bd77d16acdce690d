/* Field tables: networking.k8s.io/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(networking_Ingress) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", networking_IngressSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", networking_IngressStatus, .show = true, .doc = "What the load balancer is."),
};
TYPE(networking_Ingress, "io.k8s.api.networking.v1.Ingress", .doc = "Rules that lead requests from outside to services.")

FIELDS(networking_IngressSpec) = {
	FIELD(4, "ingressClassName", STRING, .keep = true, .doc = "Who serves it."),
	OBJECT(1, "defaultBackend", networking_IngressBackend, .keep = true, .doc = "Where everything else goes."),
	LIST_OF(2, "tls", networking_IngressTLS, .doc = "Hosts that have certificates."),
	LIST_OF(3, "rules", networking_IngressRule, .doc = "Which requests go where."),
};
TYPE(networking_IngressSpec, "io.k8s.api.networking.v1.IngressSpec")

FIELDS(networking_IngressBackend) = {
	OBJECT(4, "service", networking_IngressServiceBackend, .keep = true),
	OBJECT(3, "resource", core_TypedLocalObjectReference, .keep = true),
};
TYPE(networking_IngressBackend, "io.k8s.api.networking.v1.IngressBackend")

FIELDS(networking_IngressServiceBackend) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
	OBJECT(2, "port", networking_ServiceBackendPort, .show = true),
};
TYPE(networking_IngressServiceBackend, "io.k8s.api.networking.v1.IngressServiceBackend")

FIELDS(networking_ServiceBackendPort) = {
	FIELD(1, "name", STRING),
	FIELD(2, "number", INTEGER32),
};
TYPE(networking_ServiceBackendPort, "io.k8s.api.networking.v1.ServiceBackendPort")

FIELDS(networking_IngressTLS) = {
	LIST(1, "hosts", STRING),
	FIELD(2, "secretName", STRING),
};
TYPE(networking_IngressTLS, "io.k8s.api.networking.v1.IngressTLS")

FIELDS(networking_IngressRule) = {
	FIELD(1, "host", STRING),
	OBJECT(1, "http", networking_HTTPIngressRuleValue, .inside = 2, .keep = true),
};
TYPE(networking_IngressRule, "io.k8s.api.networking.v1.IngressRule")

FIELDS(networking_HTTPIngressRuleValue) = {
	LIST_OF(1, "paths", networking_HTTPIngressPath, .required = true, .show = true),
};
TYPE(networking_HTTPIngressRuleValue, "io.k8s.api.networking.v1.HTTPIngressRuleValue")

FIELDS(networking_HTTPIngressPath) = {
	FIELD(1, "path", STRING),
	FIELD(3, "pathType", STRING, .required = true, .show = true),
	OBJECT(2, "backend", networking_IngressBackend, .required = true, .show = true),
};
TYPE(networking_HTTPIngressPath, "io.k8s.api.networking.v1.HTTPIngressPath")

FIELDS(networking_IngressStatus) = {
	OBJECT(1, "loadBalancer", networking_IngressLoadBalancerStatus, .show = true,
	      .doc = "Where it is found from outside."),
};
TYPE(networking_IngressStatus, "io.k8s.api.networking.v1.IngressStatus")

FIELDS(networking_IngressLoadBalancerStatus) = {
	LIST_OF(1, "ingress", networking_IngressLoadBalancerIngress, .doc = "Its addresses."),
};
TYPE(networking_IngressLoadBalancerStatus, "io.k8s.api.networking.v1.IngressLoadBalancerStatus")

FIELDS(networking_IngressLoadBalancerIngress) = {
	FIELD(1, "ip", STRING),
	FIELD(2, "hostname", STRING),
	LIST_OF(4, "ports", networking_IngressPortStatus),
};
TYPE(networking_IngressLoadBalancerIngress, "io.k8s.api.networking.v1.IngressLoadBalancerIngress")

FIELDS(networking_IngressPortStatus) = {
	FIELD(1, "port", INTEGER32, .required = true, .show = true),
	FIELD(2, "protocol", STRING, .required = true, .show = true),
	FIELD(3, "error", STRING, .keep = true),
};
TYPE(networking_IngressPortStatus, "io.k8s.api.networking.v1.IngressPortStatus")

FIELDS(networking_IngressClass) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", networking_IngressClassSpec, .show = true, .doc = "Who serves it."),
};
TYPE(networking_IngressClass, "io.k8s.api.networking.v1.IngressClass", .doc = "Who serves ingresses.")

FIELDS(networking_IngressClassSpec) = {
	FIELD(1, "controller", STRING, .doc = "The program that serves it."),
	OBJECT(2, "parameters", networking_IngressClassParametersReference, .keep = true,
	      .doc = "An object with its settings."),
};
TYPE(networking_IngressClassSpec, "io.k8s.api.networking.v1.IngressClassSpec")

FIELDS(networking_IngressClassParametersReference) = {
	FIELD(1, "apiGroup", STRING, .keep = true, .doc = "Group of its kind."),
	FIELD(2, "kind", STRING, .required = true, .show = true, .doc = "Its kind."),
	FIELD(3, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(4, "scope", STRING, .show = true, .doc = "Cluster or Namespace."),
	FIELD(5, "namespace", STRING, .keep = true, .doc = "Its namespace."),
};
TYPE(networking_IngressClassParametersReference, "io.k8s.api.networking.v1.IngressClassParametersReference")

FIELDS(networking_NetworkPolicy) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", networking_NetworkPolicySpec, .show = true, .doc = "What may come in and go out."),
};
TYPE(networking_NetworkPolicy, "io.k8s.api.networking.v1.NetworkPolicy", .doc = "Which traffic Pods allow.")

FIELDS(networking_NetworkPolicySpec) = {
	OBJECT(1, "podSelector", meta_LabelSelector, .show = true, .doc = "Labels of the Pods it is for."),
	LIST_OF(2, "ingress", networking_NetworkPolicyIngressRule, .doc = "What may come in."),
	LIST_OF(3, "egress", networking_NetworkPolicyEgressRule, .doc = "What may go out."),
	LIST(4, "policyTypes", STRING, .doc = "Ingress, Egress or both."),
};
TYPE(networking_NetworkPolicySpec, "io.k8s.api.networking.v1.NetworkPolicySpec")

FIELDS(networking_NetworkPolicyIngressRule) = {
	LIST_OF(1, "ports", networking_NetworkPolicyPort),
	LIST_OF(2, "from", networking_NetworkPolicyPeer),
};
TYPE(networking_NetworkPolicyIngressRule, "io.k8s.api.networking.v1.NetworkPolicyIngressRule")

FIELDS(networking_NetworkPolicyPort) = {
	FIELD(1, "protocol", STRING, .keep = true),
	FIELD(2, "port", INT_OR_STRING, .keep = true),
	FIELD(3, "endPort", INTEGER32, .keep = true),
};
TYPE(networking_NetworkPolicyPort, "io.k8s.api.networking.v1.NetworkPolicyPort")

FIELDS(networking_NetworkPolicyPeer) = {
	OBJECT(1, "podSelector", meta_LabelSelector, .keep = true),
	OBJECT(2, "namespaceSelector", meta_LabelSelector, .keep = true),
	OBJECT(3, "ipBlock", networking_IPBlock, .keep = true),
};
TYPE(networking_NetworkPolicyPeer, "io.k8s.api.networking.v1.NetworkPolicyPeer")

FIELDS(networking_IPBlock) = {
	FIELD(1, "cidr", STRING, .required = true, .show = true),
	LIST(2, "except", STRING),
};
TYPE(networking_IPBlock, "io.k8s.api.networking.v1.IPBlock")

FIELDS(networking_NetworkPolicyEgressRule) = {
	LIST_OF(1, "ports", networking_NetworkPolicyPort),
	LIST_OF(2, "to", networking_NetworkPolicyPeer),
};
TYPE(networking_NetworkPolicyEgressRule, "io.k8s.api.networking.v1.NetworkPolicyEgressRule")
