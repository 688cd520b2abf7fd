{{/* All that the operator may do with upgrades, and no more; manifests/rbac.yaml says why. */}}
{{- define "oms-operator.rules" -}}
- apiGroups: [oms.oceanbase.com]
  resources: [omsupgrades]
  verbs: [get, list, watch, patch]
- apiGroups: [oms.oceanbase.com]
  resources: [omsupgrades/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
- apiGroups: [""]
  resources: [secrets]
  {{- with .Values.rbac.secretNames }}
  resourceNames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  verbs: [get]
{{- end -}}
