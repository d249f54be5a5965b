import QtQuick
import "../theme"

// How far the visit is: a few named stages on one line.
Item {
    id: dots
    objectName: "dots"

    property var stages: []
    property int pool: 0
    onStagesChanged: if (stages.length > pool) pool = 6
    readonly property real step: stages.length > 0 ? width / stages.length : 0
    readonly property real size: 6 * Theme.mm

    height: size + 3 * Theme.mm + 1.35 * Theme.small
    visible: stages.length > 0

    Repeater {
        model: dots.pool

        Item {
            id: stage
            required property int index
            readonly property var dot: index < dots.stages.length ? dots.stages[index] : null
            readonly property bool isLast: index === dots.stages.length - 1

            visible: dot !== null
            x: Math.round(index * dots.step)
            width: Math.round(dots.step)
            height: dots.height

            Rectangle {
                visible: !stage.isLast
                x: dots.size + 2 * Theme.mm
                y: Math.round((dots.size - height) / 2)
                width: stage.width - dots.size - 4 * Theme.mm
                height: Theme.edge
                color: stage.dot && stage.dot.is_done ? Theme.primary : Theme.lineSoft
            }
            Rectangle {
                width: dots.size
                height: dots.size
                radius: dots.size / 2
                color: stage.dot && stage.dot.is_done ? Theme.primary : stage.dot && stage.dot.is_now ? Theme.accent : Theme.ground
                border.width: Theme.edge
                border.color: stage.dot && (stage.dot.is_done || stage.dot.is_now) ? Theme.primary : Theme.line

                Icon {
                    anchors.centerIn: parent
                    name: stage.dot && stage.dot.is_done ? "check" : ""
                    size: 4.5 * Theme.mm
                    tone: Theme.primaryInk
                }
            }
            Label {
                y: dots.size + 2.5 * Theme.mm
                width: stage.width - 2 * Theme.mm
                text: stage.dot ? stage.dot.label : ""
                font.pixelSize: Theme.small
                weight: stage.dot && stage.dot.is_now ? 700 : 400
                color: stage.dot && stage.dot.is_now ? Theme.ink : Theme.inkSoft
                wrapMode: Text.NoWrap
                lineHeight: 1.0
            }
        }
    }
}
