/* Field tables: volumes and their sources. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(core_HostPathVolumeSource) = {
	FIELD(1, "path", STRING, .required = true, .show = true, .doc = "The folder."),
	FIELD(2, "type", STRING, .keep = true,
	      .doc = "What must be there: Directory, DirectoryOrCreate, File, Socket…"),
};
TYPE(core_HostPathVolumeSource, "io.k8s.api.core.v1.HostPathVolumeSource")

FIELDS(core_EmptyDirVolumeSource) = {
	FIELD(1, "medium", STRING, .doc = "Memory, or nothing for the disk."),
	FIELD(2, "sizeLimit", QUANTITY, .keep = true, .doc = "The most it may hold."),
};
TYPE(core_EmptyDirVolumeSource, "io.k8s.api.core.v1.EmptyDirVolumeSource")

FIELDS(core_GCEPersistentDiskVolumeSource) = {
	FIELD(1, "pdName", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "partition", INTEGER32),
	FIELD(4, "readOnly", BOOLEAN),
};
TYPE(core_GCEPersistentDiskVolumeSource, "io.k8s.api.core.v1.GCEPersistentDiskVolumeSource")

FIELDS(core_AWSElasticBlockStoreVolumeSource) = {
	FIELD(1, "volumeID", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "partition", INTEGER32),
	FIELD(4, "readOnly", BOOLEAN),
};
TYPE(core_AWSElasticBlockStoreVolumeSource, "io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource")

FIELDS(core_GitRepoVolumeSource) = {
	FIELD(1, "repository", STRING, .required = true, .show = true),
	FIELD(2, "revision", STRING),
	FIELD(3, "directory", STRING),
};
TYPE(core_GitRepoVolumeSource, "io.k8s.api.core.v1.GitRepoVolumeSource")

FIELDS(core_SecretVolumeSource) = {
	FIELD(1, "secretName", STRING, .doc = "Name of the Secret."),
	LIST_OF(2, "items", core_KeyToPath, .doc = "Entries and where they go; all when none is named."),
	FIELD(3, "defaultMode", INTEGER32, .keep = true, .doc = "Rights of the files."),
	FIELD(4, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_SecretVolumeSource, "io.k8s.api.core.v1.SecretVolumeSource")

FIELDS(core_KeyToPath) = {
	FIELD(1, "key", STRING, .required = true, .show = true, .doc = "The entry."),
	FIELD(2, "path", STRING, .required = true, .show = true, .doc = "Where it goes."),
	FIELD(3, "mode", INTEGER32, .keep = true, .doc = "Rights of the file."),
};
TYPE(core_KeyToPath, "io.k8s.api.core.v1.KeyToPath")

FIELDS(core_NFSVolumeSource) = {
	FIELD(1, "server", STRING, .required = true, .show = true, .doc = "The server."),
	FIELD(2, "path", STRING, .required = true, .show = true, .doc = "The folder that it exports."),
	FIELD(3, "readOnly", BOOLEAN, .doc = "Whether it cannot be written."),
};
TYPE(core_NFSVolumeSource, "io.k8s.api.core.v1.NFSVolumeSource")

FIELDS(core_ISCSIVolumeSource) = {
	FIELD(1, "targetPortal", STRING, .required = true, .show = true),
	FIELD(2, "iqn", STRING, .required = true, .show = true),
	FIELD(3, "lun", INTEGER32, .required = true, .show = true),
	FIELD(4, "iscsiInterface", STRING),
	FIELD(5, "fsType", STRING),
	FIELD(6, "readOnly", BOOLEAN),
	LIST(7, "portals", STRING),
	FIELD(8, "chapAuthDiscovery", BOOLEAN),
	FIELD(11, "chapAuthSession", BOOLEAN),
	OBJECT(10, "secretRef", core_LocalObjectReference, .keep = true),
	FIELD(12, "initiatorName", STRING, .keep = true),
};
TYPE(core_ISCSIVolumeSource, "io.k8s.api.core.v1.ISCSIVolumeSource")

FIELDS(core_LocalObjectReference) = {
	FIELD(1, "name", STRING, .doc = "Name of the object."),
};
ATOMIC_TYPE(core_LocalObjectReference, "io.k8s.api.core.v1.LocalObjectReference",
     .doc = "The name of an object of the same namespace.")

FIELDS(core_GlusterfsVolumeSource) = {
	FIELD(1, "endpoints", STRING, .required = true, .show = true),
	FIELD(2, "path", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
};
TYPE(core_GlusterfsVolumeSource, "io.k8s.api.core.v1.GlusterfsVolumeSource")

FIELDS(core_PersistentVolumeClaimVolumeSource) = {
	FIELD(1, "claimName", STRING, .required = true, .show = true, .doc = "Name of the claim."),
	FIELD(2, "readOnly", BOOLEAN, .doc = "Whether it cannot be written."),
};
TYPE(core_PersistentVolumeClaimVolumeSource, "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource")

FIELDS(core_RBDVolumeSource) = {
	LIST(1, "monitors", STRING, .required = true, .show = true),
	FIELD(2, "image", STRING, .required = true, .show = true),
	FIELD(3, "fsType", STRING),
	FIELD(4, "pool", STRING),
	FIELD(5, "user", STRING),
	FIELD(6, "keyring", STRING),
	OBJECT(7, "secretRef", core_LocalObjectReference, .keep = true),
	FIELD(8, "readOnly", BOOLEAN),
};
TYPE(core_RBDVolumeSource, "io.k8s.api.core.v1.RBDVolumeSource")

FIELDS(core_FlexVolumeSource) = {
	FIELD(1, "driver", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	OBJECT(3, "secretRef", core_LocalObjectReference, .keep = true),
	FIELD(4, "readOnly", BOOLEAN),
	MAP(5, "options", STRING),
};
TYPE(core_FlexVolumeSource, "io.k8s.api.core.v1.FlexVolumeSource")

FIELDS(core_CinderVolumeSource) = {
	FIELD(1, "volumeID", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "readOnly", BOOLEAN),
	OBJECT(4, "secretRef", core_LocalObjectReference, .keep = true),
};
TYPE(core_CinderVolumeSource, "io.k8s.api.core.v1.CinderVolumeSource")

FIELDS(core_CephFSVolumeSource) = {
	LIST(1, "monitors", STRING, .required = true, .show = true),
	FIELD(2, "path", STRING),
	FIELD(3, "user", STRING),
	FIELD(4, "secretFile", STRING),
	OBJECT(5, "secretRef", core_LocalObjectReference, .keep = true),
	FIELD(6, "readOnly", BOOLEAN),
};
TYPE(core_CephFSVolumeSource, "io.k8s.api.core.v1.CephFSVolumeSource")

FIELDS(core_FlockerVolumeSource) = {
	FIELD(1, "datasetName", STRING),
	FIELD(2, "datasetUUID", STRING),
};
TYPE(core_FlockerVolumeSource, "io.k8s.api.core.v1.FlockerVolumeSource")

FIELDS(core_DownwardAPIVolumeSource) = {
	LIST_OF(1, "items", core_DownwardAPIVolumeFile, .doc = "The fields, each a file."),
	FIELD(2, "defaultMode", INTEGER32, .keep = true, .doc = "Rights of the files."),
};
TYPE(core_DownwardAPIVolumeSource, "io.k8s.api.core.v1.DownwardAPIVolumeSource")

FIELDS(core_DownwardAPIVolumeFile) = {
	FIELD(1, "path", STRING, .required = true, .show = true, .doc = "Where it goes."),
	OBJECT(2, "fieldRef", core_ObjectFieldSelector, .keep = true, .doc = "A field of the Pod."),
	OBJECT(3, "resourceFieldRef", core_ResourceFieldSelector, .keep = true,
	      .doc = "A request or limit of a container."),
	FIELD(4, "mode", INTEGER32, .keep = true, .doc = "Rights of the file."),
};
TYPE(core_DownwardAPIVolumeFile, "io.k8s.api.core.v1.DownwardAPIVolumeFile")

FIELDS(core_ObjectFieldSelector) = {
	FIELD(1, "apiVersion", STRING, .doc = "The version in which the path is meant."),
	FIELD(2, "fieldPath", STRING, .required = true, .show = true, .doc = "The path, as metadata.name."),
};
ATOMIC_TYPE(core_ObjectFieldSelector, "io.k8s.api.core.v1.ObjectFieldSelector")

FIELDS(core_ResourceFieldSelector) = {
	FIELD(1, "containerName", STRING, .doc = "Name of the container."),
	FIELD(2, "resource", STRING, .required = true, .show = true, .doc = "The request or limit, as limits.cpu."),
	FIELD(3, "divisor", QUANTITY, .doc = "The unit it is given in."),
};
ATOMIC_TYPE(core_ResourceFieldSelector, "io.k8s.api.core.v1.ResourceFieldSelector")

FIELDS(core_FCVolumeSource) = {
	LIST(1, "targetWWNs", STRING),
	FIELD(2, "lun", INTEGER32, .keep = true),
	FIELD(3, "fsType", STRING),
	FIELD(4, "readOnly", BOOLEAN),
	LIST(5, "wwids", STRING),
};
TYPE(core_FCVolumeSource, "io.k8s.api.core.v1.FCVolumeSource")

FIELDS(core_AzureFileVolumeSource) = {
	FIELD(1, "secretName", STRING, .required = true, .show = true),
	FIELD(2, "shareName", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
};
TYPE(core_AzureFileVolumeSource, "io.k8s.api.core.v1.AzureFileVolumeSource")

FIELDS(core_ConfigMapVolumeSource) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the ConfigMap."),
	LIST_OF(2, "items", core_KeyToPath, .doc = "Entries and where they go; all when none is named."),
	FIELD(3, "defaultMode", INTEGER32, .keep = true, .doc = "Rights of the files."),
	FIELD(4, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_ConfigMapVolumeSource, "io.k8s.api.core.v1.ConfigMapVolumeSource")

FIELDS(core_VsphereVirtualDiskVolumeSource) = {
	FIELD(1, "volumePath", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "storagePolicyName", STRING),
	FIELD(4, "storagePolicyID", STRING),
};
TYPE(core_VsphereVirtualDiskVolumeSource, "io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource")

FIELDS(core_QuobyteVolumeSource) = {
	FIELD(1, "registry", STRING, .required = true, .show = true),
	FIELD(2, "volume", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
	FIELD(4, "user", STRING),
	FIELD(5, "group", STRING),
	FIELD(6, "tenant", STRING),
};
TYPE(core_QuobyteVolumeSource, "io.k8s.api.core.v1.QuobyteVolumeSource")

FIELDS(core_AzureDiskVolumeSource) = {
	FIELD(1, "diskName", STRING, .required = true, .show = true),
	FIELD(2, "diskURI", STRING, .required = true, .show = true),
	FIELD(3, "cachingMode", STRING, .keep = true),
	FIELD(4, "fsType", STRING, .keep = true),
	FIELD(5, "readOnly", BOOLEAN, .keep = true),
	FIELD(6, "kind", STRING, .keep = true),
};
TYPE(core_AzureDiskVolumeSource, "io.k8s.api.core.v1.AzureDiskVolumeSource")

FIELDS(core_PhotonPersistentDiskVolumeSource) = {
	FIELD(1, "pdID", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
};
TYPE(core_PhotonPersistentDiskVolumeSource, "io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource")

FIELDS(core_ProjectedVolumeSource) = {
	LIST_OF(1, "sources", core_VolumeProjection, .show = true, .doc = "What is put together."),
	FIELD(2, "defaultMode", INTEGER32, .keep = true, .doc = "Rights of the files."),
};
TYPE(core_ProjectedVolumeSource, "io.k8s.api.core.v1.ProjectedVolumeSource")

FIELDS(core_VolumeProjection) = {
	OBJECT(1, "secret", core_SecretProjection, .keep = true, .doc = "Entries of a Secret."),
	OBJECT(2, "downwardAPI", core_DownwardAPIProjection, .keep = true, .doc = "Fields of the Pod."),
	OBJECT(3, "configMap", core_ConfigMapProjection, .keep = true, .doc = "Entries of a ConfigMap."),
	OBJECT(4, "serviceAccountToken", core_ServiceAccountTokenProjection, .keep = true,
	      .doc = "A token of its service account."),
	OBJECT(5, "clusterTrustBundle", core_ClusterTrustBundleProjection, .keep = true,
	      .doc = "Certificates that are trusted."),
	OBJECT(6, "podCertificate", core_PodCertificateProjection, .keep = true,
	      .doc = "A key and certificate of its own."),
};
TYPE(core_VolumeProjection, "io.k8s.api.core.v1.VolumeProjection")

FIELDS(core_SecretProjection) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the Secret."),
	LIST_OF(2, "items", core_KeyToPath, .doc = "Entries and where they go; all when none is named."),
	FIELD(4, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_SecretProjection, "io.k8s.api.core.v1.SecretProjection")

FIELDS(core_DownwardAPIProjection) = {
	LIST_OF(1, "items", core_DownwardAPIVolumeFile, .doc = "The fields, each a file."),
};
TYPE(core_DownwardAPIProjection, "io.k8s.api.core.v1.DownwardAPIProjection")

FIELDS(core_ConfigMapProjection) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the ConfigMap."),
	LIST_OF(2, "items", core_KeyToPath, .doc = "Entries and where they go; all when none is named."),
	FIELD(4, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_ConfigMapProjection, "io.k8s.api.core.v1.ConfigMapProjection")

FIELDS(core_ServiceAccountTokenProjection) = {
	FIELD(1, "audience", STRING, .doc = "Whom the token is for; the API server when nobody is named."),
	FIELD(2, "expirationSeconds", INTEGER, .keep = true, .doc = "How long it holds."),
	FIELD(3, "path", STRING, .required = true, .show = true, .doc = "Where it goes."),
};
TYPE(core_ServiceAccountTokenProjection, "io.k8s.api.core.v1.ServiceAccountTokenProjection")

FIELDS(core_ClusterTrustBundleProjection) = {
	FIELD(1, "name", STRING, .keep = true),
	FIELD(2, "signerName", STRING, .keep = true),
	OBJECT(3, "labelSelector", meta_LabelSelector, .keep = true),
	FIELD(5, "optional", BOOLEAN, .keep = true),
	FIELD(4, "path", STRING, .required = true, .show = true),
};
TYPE(core_ClusterTrustBundleProjection, "io.k8s.api.core.v1.ClusterTrustBundleProjection")

FIELDS(core_PodCertificateProjection) = {
	FIELD(1, "signerName", STRING),
	FIELD(2, "keyType", STRING),
	FIELD(3, "maxExpirationSeconds", INTEGER32, .keep = true),
	FIELD(4, "credentialBundlePath", STRING),
	FIELD(5, "keyPath", STRING),
	FIELD(6, "certificateChainPath", STRING),
};
TYPE(core_PodCertificateProjection, "io.k8s.api.core.v1.PodCertificateProjection")

FIELDS(core_PortworxVolumeSource) = {
	FIELD(1, "volumeID", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "readOnly", BOOLEAN),
};
TYPE(core_PortworxVolumeSource, "io.k8s.api.core.v1.PortworxVolumeSource")

FIELDS(core_ScaleIOVolumeSource) = {
	FIELD(1, "gateway", STRING, .required = true, .show = true),
	FIELD(2, "system", STRING, .required = true, .show = true),
	OBJECT(3, "secretRef", core_LocalObjectReference, .required = true, .show = true),
	FIELD(4, "sslEnabled", BOOLEAN),
	FIELD(5, "protectionDomain", STRING),
	FIELD(6, "storagePool", STRING),
	FIELD(7, "storageMode", STRING),
	FIELD(8, "volumeName", STRING),
	FIELD(9, "fsType", STRING),
	FIELD(10, "readOnly", BOOLEAN),
};
TYPE(core_ScaleIOVolumeSource, "io.k8s.api.core.v1.ScaleIOVolumeSource")

FIELDS(core_StorageOSVolumeSource) = {
	FIELD(1, "volumeName", STRING),
	FIELD(2, "volumeNamespace", STRING),
	FIELD(3, "fsType", STRING),
	FIELD(4, "readOnly", BOOLEAN),
	OBJECT(5, "secretRef", core_LocalObjectReference, .keep = true),
};
TYPE(core_StorageOSVolumeSource, "io.k8s.api.core.v1.StorageOSVolumeSource")

FIELDS(core_CSIVolumeSource) = {
	FIELD(1, "driver", STRING, .required = true, .show = true, .doc = "The driver."),
	FIELD(2, "readOnly", BOOLEAN, .keep = true, .doc = "Whether it cannot be written."),
	FIELD(3, "fsType", STRING, .keep = true, .doc = "The file system."),
	MAP(4, "volumeAttributes", STRING, .doc = "Settings for the driver."),
	OBJECT(5, "nodePublishSecretRef", core_LocalObjectReference, .keep = true, .doc = "A secret for the driver."),
};
TYPE(core_CSIVolumeSource, "io.k8s.api.core.v1.CSIVolumeSource")

FIELDS(core_EphemeralVolumeSource) = {
	OBJECT(1, "volumeClaimTemplate", core_PersistentVolumeClaimTemplate, .keep = true,
	      .doc = "The claim that is made for the Pod."),
};
TYPE(core_EphemeralVolumeSource, "io.k8s.api.core.v1.EphemeralVolumeSource")

FIELDS(core_PersistentVolumeClaimTemplate) = {
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true, .doc = "Labels and annotations of the claim."),
	OBJECT(2, "spec", core_PersistentVolumeClaimSpec, .required = true, .show = true,
	      .doc = "What the claim asks for."),
};
TYPE(core_PersistentVolumeClaimTemplate, "io.k8s.api.core.v1.PersistentVolumeClaimTemplate")

FIELDS(core_PersistentVolumeClaimSpec) = {
	LIST(1, "accessModes", STRING, .doc = "How it is mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany."),
	OBJECT(4, "selector", meta_LabelSelector, .keep = true, .doc = "Labels of volumes that will do."),
	OBJECT(2, "resources", core_VolumeResourceRequirements, .show = true, .doc = "How much storage is wanted."),
	FIELD(3, "volumeName", STRING, .doc = "The volume it is bound to."),
	FIELD(5, "storageClassName", STRING, .keep = true, .doc = "The class of storage; any is served."),
	FIELD(6, "volumeMode", STRING, .keep = true, .doc = "Filesystem or Block."),
	OBJECT(7, "dataSource", core_TypedLocalObjectReference, .keep = true,
	      .doc = "What it is filled from: a snapshot or another claim."),
	OBJECT(8, "dataSourceRef", core_TypedObjectReference, .keep = true,
	      .doc = "What it is filled from, of any kind."),
	FIELD(9, "volumeAttributesClassName", STRING, .keep = true, .doc = "The class of its attributes."),
};
TYPE(core_PersistentVolumeClaimSpec, "io.k8s.api.core.v1.PersistentVolumeClaimSpec",
     .doc = "How much storage is wanted, and how it is used.")

FIELDS(core_VolumeResourceRequirements) = {
	MAP(1, "limits", QUANTITY, .doc = "The most it may have."),
	MAP(2, "requests", QUANTITY),
};
TYPE(core_VolumeResourceRequirements, "io.k8s.api.core.v1.VolumeResourceRequirements")

FIELDS(core_TypedLocalObjectReference) = {
	FIELD(1, "apiGroup", STRING, .show = true, .keep = true),
	FIELD(2, "kind", STRING, .required = true, .show = true),
	FIELD(3, "name", STRING, .required = true, .show = true),
};
ATOMIC_TYPE(core_TypedLocalObjectReference, "io.k8s.api.core.v1.TypedLocalObjectReference")

FIELDS(core_TypedObjectReference) = {
	FIELD(1, "apiGroup", STRING, .show = true, .keep = true),
	FIELD(2, "kind", STRING, .required = true, .show = true),
	FIELD(3, "name", STRING, .required = true, .show = true),
	FIELD(4, "namespace", STRING, .keep = true),
};
TYPE(core_TypedObjectReference, "io.k8s.api.core.v1.TypedObjectReference")

FIELDS(core_ImageVolumeSource) = {
	FIELD(1, "reference", STRING, .doc = "The image."),
	FIELD(2, "pullPolicy", STRING, .doc = "Always, IfNotPresent or Never."),
};
TYPE(core_ImageVolumeSource, "io.k8s.api.core.v1.ImageVolumeSource")

FIELDS(core_PersistentVolumeSpec) = {
	MAP(1, "capacity", QUANTITY, .doc = "How much it has."),
	OBJECT(1, "gcePersistentDisk", core_GCEPersistentDiskVolumeSource, .inside = 2, .keep = true),
	OBJECT(2, "awsElasticBlockStore", core_AWSElasticBlockStoreVolumeSource, .inside = 2, .keep = true),
	OBJECT(3, "hostPath", core_HostPathVolumeSource, .inside = 2, .keep = true, .doc = "A folder of the node."),
	OBJECT(4, "glusterfs", core_GlusterfsPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(5, "nfs", core_NFSVolumeSource, .inside = 2, .keep = true),
	OBJECT(6, "rbd", core_RBDPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(7, "iscsi", core_ISCSIPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(8, "cinder", core_CinderPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(9, "cephfs", core_CephFSPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(10, "fc", core_FCVolumeSource, .inside = 2, .keep = true),
	OBJECT(11, "flocker", core_FlockerVolumeSource, .inside = 2, .keep = true),
	OBJECT(12, "flexVolume", core_FlexPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(13, "azureFile", core_AzureFilePersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(14, "vsphereVolume", core_VsphereVirtualDiskVolumeSource, .inside = 2, .keep = true),
	OBJECT(15, "quobyte", core_QuobyteVolumeSource, .inside = 2, .keep = true),
	OBJECT(16, "azureDisk", core_AzureDiskVolumeSource, .inside = 2, .keep = true),
	OBJECT(17, "photonPersistentDisk", core_PhotonPersistentDiskVolumeSource, .inside = 2, .keep = true),
	OBJECT(18, "portworxVolume", core_PortworxVolumeSource, .inside = 2, .keep = true),
	OBJECT(19, "scaleIO", core_ScaleIOPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(20, "local", core_LocalVolumeSource, .inside = 2, .keep = true),
	OBJECT(21, "storageos", core_StorageOSPersistentVolumeSource, .inside = 2, .keep = true),
	OBJECT(22, "csi", core_CSIPersistentVolumeSource, .inside = 2, .keep = true),
	LIST(3, "accessModes", STRING, .doc = "How it can be mounted."),
	OBJECT(4, "claimRef", core_ObjectReference, .keep = true, .doc = "The claim it is bound to."),
	FIELD(5, "persistentVolumeReclaimPolicy", STRING, .doc = "Retain or Delete: what happens when its claim is gone."),
	FIELD(6, "storageClassName", STRING, .doc = "The class it belongs to."),
	LIST(7, "mountOptions", STRING),
	FIELD(8, "volumeMode", STRING, .keep = true, .doc = "Filesystem or Block."),
	OBJECT(9, "nodeAffinity", core_VolumeNodeAffinity, .keep = true),
	FIELD(10, "volumeAttributesClassName", STRING, .keep = true, .doc = "The class of its attributes."),
};
TYPE(core_PersistentVolumeSpec, "io.k8s.api.core.v1.PersistentVolumeSpec", .doc = "What a volume is.")

FIELDS(core_GlusterfsPersistentVolumeSource) = {
	FIELD(1, "endpoints", STRING, .required = true, .show = true),
	FIELD(2, "path", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
	FIELD(4, "endpointsNamespace", STRING, .keep = true),
};
TYPE(core_GlusterfsPersistentVolumeSource, "io.k8s.api.core.v1.GlusterfsPersistentVolumeSource")

FIELDS(core_RBDPersistentVolumeSource) = {
	LIST(1, "monitors", STRING, .required = true, .show = true),
	FIELD(2, "image", STRING, .required = true, .show = true),
	FIELD(3, "fsType", STRING),
	FIELD(4, "pool", STRING),
	FIELD(5, "user", STRING),
	FIELD(6, "keyring", STRING),
	OBJECT(7, "secretRef", core_SecretReference, .keep = true),
	FIELD(8, "readOnly", BOOLEAN),
};
TYPE(core_RBDPersistentVolumeSource, "io.k8s.api.core.v1.RBDPersistentVolumeSource")

FIELDS(core_SecretReference) = {
	FIELD(1, "name", STRING),
	FIELD(2, "namespace", STRING),
};
ATOMIC_TYPE(core_SecretReference, "io.k8s.api.core.v1.SecretReference")

FIELDS(core_ISCSIPersistentVolumeSource) = {
	FIELD(1, "targetPortal", STRING, .required = true, .show = true),
	FIELD(2, "iqn", STRING, .required = true, .show = true),
	FIELD(3, "lun", INTEGER32, .required = true, .show = true),
	FIELD(4, "iscsiInterface", STRING),
	FIELD(5, "fsType", STRING),
	FIELD(6, "readOnly", BOOLEAN),
	LIST(7, "portals", STRING),
	FIELD(8, "chapAuthDiscovery", BOOLEAN),
	FIELD(11, "chapAuthSession", BOOLEAN),
	OBJECT(10, "secretRef", core_SecretReference, .keep = true),
	FIELD(12, "initiatorName", STRING, .keep = true),
};
TYPE(core_ISCSIPersistentVolumeSource, "io.k8s.api.core.v1.ISCSIPersistentVolumeSource")

FIELDS(core_CinderPersistentVolumeSource) = {
	FIELD(1, "volumeID", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	FIELD(3, "readOnly", BOOLEAN),
	OBJECT(4, "secretRef", core_SecretReference, .keep = true),
};
TYPE(core_CinderPersistentVolumeSource, "io.k8s.api.core.v1.CinderPersistentVolumeSource")

FIELDS(core_CephFSPersistentVolumeSource) = {
	LIST(1, "monitors", STRING, .required = true, .show = true),
	FIELD(2, "path", STRING),
	FIELD(3, "user", STRING),
	FIELD(4, "secretFile", STRING),
	OBJECT(5, "secretRef", core_SecretReference, .keep = true),
	FIELD(6, "readOnly", BOOLEAN),
};
TYPE(core_CephFSPersistentVolumeSource, "io.k8s.api.core.v1.CephFSPersistentVolumeSource")

FIELDS(core_FlexPersistentVolumeSource) = {
	FIELD(1, "driver", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING),
	OBJECT(3, "secretRef", core_SecretReference, .keep = true),
	FIELD(4, "readOnly", BOOLEAN),
	MAP(5, "options", STRING),
};
TYPE(core_FlexPersistentVolumeSource, "io.k8s.api.core.v1.FlexPersistentVolumeSource")

FIELDS(core_AzureFilePersistentVolumeSource) = {
	FIELD(1, "secretName", STRING, .required = true, .show = true),
	FIELD(2, "shareName", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
	FIELD(4, "secretNamespace", STRING, .show = true),
};
TYPE(core_AzureFilePersistentVolumeSource, "io.k8s.api.core.v1.AzureFilePersistentVolumeSource")

FIELDS(core_ScaleIOPersistentVolumeSource) = {
	FIELD(1, "gateway", STRING, .required = true, .show = true),
	FIELD(2, "system", STRING, .required = true, .show = true),
	OBJECT(3, "secretRef", core_SecretReference, .required = true, .show = true),
	FIELD(4, "sslEnabled", BOOLEAN),
	FIELD(5, "protectionDomain", STRING),
	FIELD(6, "storagePool", STRING),
	FIELD(7, "storageMode", STRING),
	FIELD(8, "volumeName", STRING),
	FIELD(9, "fsType", STRING),
	FIELD(10, "readOnly", BOOLEAN),
};
TYPE(core_ScaleIOPersistentVolumeSource, "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource")

FIELDS(core_LocalVolumeSource) = {
	FIELD(1, "path", STRING, .required = true, .show = true),
	FIELD(2, "fsType", STRING, .keep = true),
};
TYPE(core_LocalVolumeSource, "io.k8s.api.core.v1.LocalVolumeSource")

FIELDS(core_StorageOSPersistentVolumeSource) = {
	FIELD(1, "volumeName", STRING),
	FIELD(2, "volumeNamespace", STRING),
	FIELD(3, "fsType", STRING),
	FIELD(4, "readOnly", BOOLEAN),
	OBJECT(5, "secretRef", core_ObjectReference, .keep = true),
};
TYPE(core_StorageOSPersistentVolumeSource, "io.k8s.api.core.v1.StorageOSPersistentVolumeSource")

FIELDS(core_ObjectReference) = {
	FIELD(1, "kind", STRING, .doc = "Kind of the object."),
	FIELD(2, "namespace", STRING, .doc = "Its namespace."),
	FIELD(3, "name", STRING, .doc = "Its name."),
	FIELD(4, "uid", STRING, .doc = "Its identity."),
	FIELD(5, "apiVersion", STRING, .doc = "Its version."),
	FIELD(6, "resourceVersion", STRING, .doc = "The state of it that is meant."),
	FIELD(7, "fieldPath", STRING, .doc = "The part of it that is meant."),
};
ATOMIC_TYPE(core_ObjectReference, "io.k8s.api.core.v1.ObjectReference", .doc = "The name of another object.")

FIELDS(core_CSIPersistentVolumeSource) = {
	FIELD(1, "driver", STRING, .required = true, .show = true),
	FIELD(2, "volumeHandle", STRING, .required = true, .show = true),
	FIELD(3, "readOnly", BOOLEAN),
	FIELD(4, "fsType", STRING),
	MAP(5, "volumeAttributes", STRING),
	OBJECT(6, "controllerPublishSecretRef", core_SecretReference, .keep = true),
	OBJECT(7, "nodeStageSecretRef", core_SecretReference, .keep = true),
	OBJECT(8, "nodePublishSecretRef", core_SecretReference, .keep = true),
	OBJECT(9, "controllerExpandSecretRef", core_SecretReference, .keep = true),
	OBJECT(10, "nodeExpandSecretRef", core_SecretReference, .keep = true),
};
TYPE(core_CSIPersistentVolumeSource, "io.k8s.api.core.v1.CSIPersistentVolumeSource")

FIELDS(core_VolumeNodeAffinity) = {
	OBJECT(1, "required", core_NodeSelector, .keep = true),
};
TYPE(core_VolumeNodeAffinity, "io.k8s.api.core.v1.VolumeNodeAffinity")

FIELDS(core_NodeSelector) = {
	LIST_OF(1, "nodeSelectorTerms", core_NodeSelectorTerm, .required = true, .show = true,
	      .doc = "One of these must hold."),
};
ATOMIC_TYPE(core_NodeSelector, "io.k8s.api.core.v1.NodeSelector")

FIELDS(core_NodeSelectorTerm) = {
	LIST_OF(1, "matchExpressions", core_NodeSelectorRequirement, .doc = "What must hold of a node's labels."),
	LIST_OF(2, "matchFields", core_NodeSelectorRequirement, .doc = "What must hold of a node's fields."),
};
ATOMIC_TYPE(core_NodeSelectorTerm, "io.k8s.api.core.v1.NodeSelectorTerm")

FIELDS(core_NodeSelectorRequirement) = {
	FIELD(1, "key", STRING, .required = true, .show = true, .doc = "The label."),
	FIELD(2, "operator", STRING, .required = true, .show = true,
	      .doc = "In, NotIn, Exists, DoesNotExist, Gt or Lt."),
	LIST(3, "values", STRING, .doc = "What it is compared with."),
};
TYPE(core_NodeSelectorRequirement, "io.k8s.api.core.v1.NodeSelectorRequirement")

FIELDS(core_Volume) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "What containers call it."),
	OBJECT(1, "hostPath", core_HostPathVolumeSource, .inside = 2, .keep = true, .doc = "A folder of the node."),
	OBJECT(2, "emptyDir", core_EmptyDirVolumeSource, .inside = 2, .keep = true,
	      .doc = "An empty folder that lives as long as the Pod."),
	OBJECT(3, "gcePersistentDisk", core_GCEPersistentDiskVolumeSource, .inside = 2, .keep = true,
	      .doc = "A disk of Google's cloud."),
	OBJECT(4, "awsElasticBlockStore", core_AWSElasticBlockStoreVolumeSource, .inside = 2, .keep = true,
	      .doc = "A disk of Amazon's cloud."),
	OBJECT(5, "gitRepo", core_GitRepoVolumeSource, .inside = 2, .keep = true,
	      .doc = "Old: a clone of a repository."),
	OBJECT(6, "secret", core_SecretVolumeSource, .inside = 2, .keep = true, .doc = "The entries of a Secret as files."),
	OBJECT(7, "nfs", core_NFSVolumeSource, .inside = 2, .keep = true,
	      .doc = "A folder that an NFS server exports."),
	OBJECT(8, "iscsi", core_ISCSIVolumeSource, .inside = 2, .keep = true, .doc = "A disk over iSCSI."),
	OBJECT(9, "glusterfs", core_GlusterfsVolumeSource, .inside = 2, .keep = true,
	      .doc = "Old: a GlusterFS volume."),
	OBJECT(10, "persistentVolumeClaim", core_PersistentVolumeClaimVolumeSource, .inside = 2, .keep = true,
	      .doc = "The storage of a claim."),
	OBJECT(11, "rbd", core_RBDVolumeSource, .inside = 2, .keep = true, .doc = "Old: a Ceph block device."),
	OBJECT(12, "flexVolume", core_FlexVolumeSource, .inside = 2, .keep = true,
	      .doc = "Old: a volume of a program on the node."),
	OBJECT(13, "cinder", core_CinderVolumeSource, .inside = 2, .keep = true, .doc = "A disk of OpenStack."),
	OBJECT(14, "cephfs", core_CephFSVolumeSource, .inside = 2, .keep = true, .doc = "Old: a Ceph file system."),
	OBJECT(15, "flocker", core_FlockerVolumeSource, .inside = 2, .keep = true, .doc = "Old: a Flocker volume."),
	OBJECT(16, "downwardAPI", core_DownwardAPIVolumeSource, .inside = 2, .keep = true, .doc = "Fields of the Pod as files."),
	OBJECT(17, "fc", core_FCVolumeSource, .inside = 2, .keep = true, .doc = "A disk over Fibre Channel."),
	OBJECT(18, "azureFile", core_AzureFileVolumeSource, .inside = 2, .keep = true,
	      .doc = "A file share of Microsoft's cloud."),
	OBJECT(19, "configMap", core_ConfigMapVolumeSource, .inside = 2, .keep = true,
	      .doc = "The entries of a ConfigMap as files."),
	OBJECT(20, "vsphereVolume", core_VsphereVirtualDiskVolumeSource, .inside = 2, .keep = true,
	      .doc = "A disk of vSphere."),
	OBJECT(21, "quobyte", core_QuobyteVolumeSource, .inside = 2, .keep = true, .doc = "Old: a Quobyte volume."),
	OBJECT(22, "azureDisk", core_AzureDiskVolumeSource, .inside = 2, .keep = true,
	      .doc = "A disk of Microsoft's cloud."),
	OBJECT(23, "photonPersistentDisk", core_PhotonPersistentDiskVolumeSource, .inside = 2, .keep = true,
	      .doc = "Old: a disk of Photon."),
	OBJECT(26, "projected", core_ProjectedVolumeSource, .inside = 2, .keep = true, .doc = "Several sources in one folder."),
	OBJECT(24, "portworxVolume", core_PortworxVolumeSource, .inside = 2, .keep = true,
	      .doc = "A Portworx volume."),
	OBJECT(25, "scaleIO", core_ScaleIOVolumeSource, .inside = 2, .keep = true, .doc = "Old: a ScaleIO volume."),
	OBJECT(27, "storageos", core_StorageOSVolumeSource, .inside = 2, .keep = true,
	      .doc = "Old: a StorageOS volume."),
	OBJECT(28, "csi", core_CSIVolumeSource, .inside = 2, .keep = true, .doc = "A volume of a CSI driver."),
	OBJECT(29, "ephemeral", core_EphemeralVolumeSource, .inside = 2, .keep = true,
	      .doc = "A claim that is made for the Pod and goes with it."),
	OBJECT(30, "image", core_ImageVolumeSource, .inside = 2, .keep = true, .doc = "The files of an image."),
};
TYPE(core_Volume, "io.k8s.api.core.v1.Volume", .doc = "Files that containers of a Pod share.")
