import QtQuick
import "../theme"
import "../parts"

// The simulator dock: people to tap on the left of the story, faults to press on the right of it.
Rectangle {
    id: root

    readonly property var devices: JSON.parse(dock.devices)
    readonly property var reader: devices.find(device => device.device === "card-reader") ?? null
    readonly property bool hasCard: reader !== null && reader.state.is_present === true
    readonly property var hidden: ["tap", "swap", "lay-beside", "pull-after", "fault", "speed", "printed", "slips", "forget", "pull"]
    property int atSheet: 0

    color: Theme.ground

    function words(name: string): string {
        const text = name.replace(/-/g, " ");
        return text.charAt(0).toUpperCase() + text.slice(1);
    }

    function summary(device: var): string {
        const state = device.state ?? {};
        const parts = [];
        if (state.is_on === false)
            parts.push("switched off");
        if (state.is_silent)
            parts.push("silent");
        if (state.running)
            parts.push("sheet " + state.running.done + " of " + state.running.sheets);
        if (state.is_several)
            parts.push("two cards");
        else if (state.is_present)
            parts.push("card on the reader");
        for (const reason of state.reasons ?? [])
            if (reason !== "none")
                parts.push(reason.replace(/-/g, " "));
        if (state.mode !== undefined)
            parts.push(state.mode);
        return parts.length > 0 ? parts.join(", ") : "ready";
    }

    Component.onCompleted: {
        Theme.fontData = Qt.binding(() => face.fontData);
        Theme.mmPerPx = 0.46;
        Guard.withinMs = 0;
    }

    Flickable {
        anchors.fill: parent
        contentHeight: column.height + 24 * Theme.mm
        boundsBehavior: Flickable.StopAtBounds

        Column {
            id: column
            x: 10 * Theme.mm
            y: 10 * Theme.mm
            width: root.width - 20 * Theme.mm
            spacing: 8 * Theme.mm

            Column {
                width: parent.width
                spacing: Theme.mm

                Label {
                    text: "Simulator"
                    font.pixelSize: Theme.heading
                    weight: 700
                    color: Theme.primary
                }
                Label {
                    width: parent.width
                    text: dock.isConnected ? (dock.message || "Tap a person's card, or make a device fail.") : "Waiting for the simulated devices."
                    font.pixelSize: Theme.small
                    color: Theme.inkSoft
                }
            }
            Column {
                width: parent.width
                spacing: 2 * Theme.mm

                Label {
                    text: "People"
                    weight: 700
                }
                Flow {
                    width: parent.width
                    spacing: 3 * Theme.mm

                    Chip {
                        text: "Pull the card"
                        isStrong: root.hasCard
                        onActed: dock.act("card-reader", "pull", "")
                    }
                    Chip {
                        text: "Foreign card"
                        onActed: dock.act("card-reader", "tap", JSON.stringify({ is_ktp: false }))
                    }
                    Chip {
                        text: "Mute card"
                        onActed: dock.act("card-reader", "tap", JSON.stringify({ is_mute: true }))
                    }
                    Chip {
                        text: "Changing identifier"
                        onActed: dock.act("card-reader", "tap", JSON.stringify({ is_random: true }))
                    }
                    Chip {
                        text: "A second card beside it"
                        onActed: dock.act("card-reader", "lay-beside", "{}")
                    }
                }
                Repeater {
                    model: dock.people

                    Card {
                        id: person
                        required property var modelData
                        readonly property bool isOn: root.reader !== null && modelData.uid !== "" && (root.reader.state.uids ?? []).includes(modelData.uid.toLowerCase())
                        width: column.width
                        height: Math.max(about.height, 13 * Theme.mm) + 6 * Theme.mm
                        border.color: isOn ? Theme.accent : Theme.lineSoft
                        border.width: isOn ? 2 : 1

                        Column {
                            id: about
                            x: 5 * Theme.mm
                            anchors.verticalCenter: parent.verticalCenter
                            width: parent.width - x - 44 * Theme.mm

                            Label {
                                width: parent.width
                                text: person.modelData.name
                                weight: 700
                                font.pixelSize: Theme.small
                            }
                            Label {
                                width: parent.width
                                text: person.modelData.note
                                font.pixelSize: Theme.small
                                color: Theme.inkSoft
                            }
                            Label {
                                width: parent.width
                                text: "NIK " + person.modelData.nik + "   PIN " + (person.modelData.pin || "none")
                                font.pixelSize: Theme.small
                                color: Theme.inkSoft
                            }
                        }
                        Chip {
                            anchors.right: parent.right
                            anchors.rightMargin: 4 * Theme.mm
                            anchors.verticalCenter: parent.verticalCenter
                            visible: person.modelData.uid !== ""
                            isStrong: !person.isOn
                            text: person.isOn ? "Pull card" : "Tap card"
                            onActed: person.isOn ? dock.act("card-reader", "pull", "") : dock.act("card-reader", "tap", JSON.stringify({ uid: person.modelData.uid }))
                        }
                    }
                }
            }
            Row {
                spacing: 3 * Theme.mm

                Label {
                    text: "Faults happen"
                    font.pixelSize: Theme.small
                    anchors.verticalCenter: parent.verticalCenter
                }
                Repeater {
                    model: ["now", "at sheet 1", "at sheet 2"]

                    Chip {
                        required property int index
                        required property string modelData
                        text: modelData
                        isOn: root.atSheet === index
                        onActed: root.atSheet = index
                    }
                }
            }
            Repeater {
                model: root.devices.length

                Column {
                    id: box
                    required property int index
                    readonly property var device: root.devices[index] ?? ({ device: "", acts: [], faults: [], state: {} })
                    readonly property var reasons: device.state.reasons ?? []
                    width: column.width
                    spacing: 2.5 * Theme.mm

                    Rectangle {
                        width: parent.width
                        height: 1
                        color: Theme.lineSoft
                    }
                    Row {
                        spacing: 4 * Theme.mm
                        Label {
                            text: root.words(box.device.device)
                            weight: 700
                        }
                        Label {
                            text: root.summary(box.device)
                            color: root.summary(box.device) === "ready" ? Theme.good : Theme.caution
                            font.pixelSize: Theme.small
                            anchors.verticalCenter: parent.verticalCenter
                        }
                    }
                    Flow {
                        width: parent.width
                        spacing: 3 * Theme.mm

                        Repeater {
                            model: box.device.acts.filter(act => !root.hidden.includes(act))

                            Chip {
                                required property string modelData
                                text: root.words(modelData)
                                isStrong: modelData === "clear"
                                onActed: dock.act(box.device.device, modelData, root.atSheet > 0 && ["abort", "cut-power"].includes(modelData) ? JSON.stringify({ at_sheet: root.atSheet }) : "{}")
                            }
                        }
                        Repeater {
                            model: box.device.faults

                            Chip {
                                required property string modelData
                                text: root.words(modelData)
                                isOn: box.reasons.some(reason => reason.startsWith(modelData))
                                onActed: dock.act(box.device.device, "fault", JSON.stringify(box.device.device === "slip-printer" ? { reason: modelData } : { reason: modelData, at_sheet: root.atSheet }))
                            }
                        }
                    }
                }
            }
        }
    }
}
