import QtQuick
import "../theme"

// What can be touched: acts on release inside, once, by finger, keyboard or assistive technology.
MouseArea {
    id: tap

    property string name: ""
    property string description: ""
    property bool isReady: true
    property bool isNamed: true
    readonly property bool isDown: pressed && containsMouse
    property bool isTail: false
    signal acted

    function act(): void {
        if (isReady)
            acted();
    }

    enabled: isReady
    activeFocusOnTab: isReady && visible
    acceptedButtons: Qt.LeftButton
    onPressed: mouse => {
        const point = mapToItem(null, mouse.x, mouse.y);
        isTail = Guard.isTail(point.x, point.y);
        Guard.isKeyboardUsed = false;
        if (!isTail)
            face.tick();
    }
    onClicked: mouse => {
        if (isTail)
            return;
        const point = mapToItem(null, mouse.x, mouse.y);
        Guard.note(point.x, point.y);
        acted();
    }
    Keys.onSpacePressed: act()
    Accessible.role: Accessible.Button
    Accessible.name: name
    Accessible.description: description
    Accessible.ignored: !isNamed
    Accessible.focusable: isReady
    Accessible.onPressAction: act()
}
